/// The providers that are known by name: `providers: {groq: {api_key: env:GROQ_API_KEY}}` is all that they need.
///
/// `verified` rows were checked against the provider's page, `recorded` rows against recorded calls that succeeded
/// (../shared/corpus/traffic). `unverified` rows are LiteLLM 1.109.1's, whose page is named as the source.
extension Provider {
    /// In the order in which `tollgate init` looks for their keys.
    public static let known: [Provider] = large + clouds + hosts + own

    /// The row of that name.
    public static func named(_ name: String) -> Provider? { known.first { $0.name == name } }

    private static let readToday = Evidence.verified("2026-11-23")
    private static let seen = Evidence.recorded("2026-11-22")

    /// Sampling that others have, and OpenAI's models nowhere: "Unrecognized request argument supplied: top_k"
    /// (https://github.com/xlinx/sd-webui-decadetw-auto-prompt-llm/issues/29, read on 2026-11-29).
    private static let unknownToOpenAI = ["top_k", "min_p", "repetition_penalty"]

    // MARK: - Who makes the models

    static let large: [Provider] = [
        // OpenAI's reasoning models refuse `max_tokens` (https://github.com/simonw/llm/issues/724 quotes the page).
        // Chat's parts are text, image, sound and file (openai for Python, `ChatCompletionContentPartParam`): no film.
        // "Up to four stop sequences"
        // (https://help.openai.com/en/articles/5072263-how-do-i-use-stop-sequences-in-the-openai-api, read on 2026-11-29).
        Provider(
            "openai", at: "https://api.openai.com/v1", key: "OPENAI_API_KEY",
            speaks: [.chatCompletions, .responses, .completions, .embeddings], refuses: unknownToOpenAI,
            chatOutputCap: .maxCompletionTokens, source: "https://platform.openai.com/docs/api-reference/chat/create",
            seen
        ).with(\.takesDeveloperRole, true).with(\.limitsToolSchemas, true).with(\.countsTokens, true)
            .with(\.stopSequencesMax, 4).with(\.takesVideo, false)
            .with(\.takesWebSearchOptions, true),
        // Its own dialect and not its OpenAI-compatible layer, which has no prompt caching and no signatures
        // (https://docs.anthropic.com/en/api/openai-sdk, read on 2026-11-23).
        Provider(
            "anthropic", at: "https://api.anthropic.com/v1", signing: .header("x-api-key"), key: "ANTHROPIC_API_KEY",
            speaks: [.messages], source: "https://docs.anthropic.com/en/api/messages", seen
        ).with(\.forwards, ["anthropic-beta"]).with(\.countsTokens, true),
        // Embeddings are those of its OpenAI-compatible layer, which wants a bearer token
        // (https://ai.google.dev/gemini-api/docs/openai, read on 2026-11-23).
        Provider(
            "gemini", at: "https://generativelanguage.googleapis.com/v1beta", signing: .header("x-goog-api-key"),
            key: "GEMINI_API_KEY", "GOOGLE_API_KEY", speaks: [.generateContent, .embeddings],
            paths: [.embeddings: "/openai/embeddings"], source: "https://ai.google.dev/api/generate-content", seen
        ).with(\.signingOf, [.embeddings: .bearer]).with(\.countsTokens, true),
        // `stream_options` is answered with 422 extra_forbidden; usage comes in the last chunk anyway
        // (https://github.com/avante-corp/avante.nvim/issues/2347, and all of 78 recorded streams). "Mistral accepts up to 4
        // stop sequences" (LangChain's ChatMistralAI, read on 2026-11-29). Its own part for documents, DocumentURLChunk:
        // https://docs.rs/crate/mistral-openapi-client (made from its OpenAPI document, read on 2026-11-29).
        Provider(
            "mistral", at: "https://api.mistral.ai/v1", key: "MISTRAL_API_KEY",
            speaks: [.chatCompletions, .embeddings],
            refuses: ["stream_options", "max_completion_tokens", "logit_bias", "logprobs", "top_logprobs", "user"],
            renames: ["max_completion_tokens": "max_tokens", "seed": "random_seed"], streamUsage: .always,
            source: "https://docs.mistral.ai/api/", seen
        ).with(\.hasNineCharacterToolIDs, true).with(\.stopSequencesMax, 4).with(\.documentURLPart, "document_url"),
        Provider(
            "codestral", at: "https://codestral.mistral.ai/v1", key: "CODESTRAL_API_KEY", speaks: [.chatCompletions],
            refuses: ["stream_options", "max_completion_tokens", "logit_bias", "logprobs", "top_logprobs", "user"],
            renames: ["max_completion_tokens": "max_tokens", "seed": "random_seed"], streamUsage: .always,
            source: "https://docs.litellm.ai/docs/providers/codestral", .unverified),
        // The last chunk carries usage, asked or not (67 recorded streams). Up to 16 stop sequences
        // (https://dev.to/multigrid/stop-sequences-in-the-deepseek-api-pec, read on 2026-11-29).
        Provider(
            "deepseek", at: "https://api.deepseek.com", key: "DEEPSEEK_API_KEY", speaks: [.chatCompletions],
            streamUsage: .always, source: "https://api-docs.deepseek.com/", seen
        ).with(\.takesJSONSchema, false).with(\.chatReasoning, "reasoning_content")
            .with(\.renames, ["reasoning_effort": "thinking"]).with(\.stopSequencesMax, 16),
        Provider(
            "xai", at: "https://api.x.ai/v1", key: "XAI_API_KEY", speaks: [.chatCompletions, .responses, .completions],
            source: "https://docs.x.ai/api/integrations", readToday),
        // Its own v2 chat (recorded at this host too); embeddings are those of its compatibility API
        // (https://docs.cohere.com/docs/compatibility-api, read on 2026-11-23).
        Provider(
            "cohere", at: "https://api.cohere.ai", key: "COHERE_API_KEY", "CO_API_KEY",
            speaks: [.cohereChat, .embeddings],
            paths: [.cohereChat: "/v2/chat", .embeddings: "/compatibility/v1/embeddings"],
            refuses: ["stream_options"], streamUsage: .always, source: "https://docs.cohere.com/reference/chat", seen),
        // Counts so far in every chunk, and what it cost. Sonar's chat completions are said to have ended on
        // 2026-09-27 (https://docs.stigg.io/documentation/ai-agents/llm-wrappers/providers/perplexity).
        Provider(
            "perplexity", at: "https://api.perplexity.ai", key: "PERPLEXITY_API_KEY", "PERPLEXITYAI_API_KEY",
            speaks: [.chatCompletions], streamUsage: .everyChunk, reportsCost: true,
            source: "https://docs.perplexity.ai/docs/sonar/openai-compatibility", readToday
        ).with(\.takesWebSearchOptions, true),
        Provider(
            "ai21", at: "https://api.ai21.com/studio/v1", key: "AI21_API_KEY", speaks: [.chatCompletions],
            streamUsage: .always, source: "https://docs.ai21.com/reference/jamba-1-6-api-ref", seen),
        Provider(
            "meta_llama", at: "https://api.llama.com/compat/v1", key: "LLAMA_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/meta_llama", .unverified),
        Provider(
            "moonshot", at: "https://api.moonshot.ai/v1", key: "MOONSHOT_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/moonshot", .unverified),
        // Keys belong to a region: this is Beijing's, `qwencloud` is Singapore's.
        Provider(
            "dashscope", at: "https://dashscope.aliyuncs.com/compatible-mode/v1", key: "DASHSCOPE_API_KEY",
            speaks: [.chatCompletions, .embeddings],
            source: "https://alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope", readToday),
        Provider(
            "qwencloud", at: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", key: "QWENCLOUD_API_KEY",
            speaks: [.chatCompletions, .embeddings],
            source: "https://alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope", readToday),
        Provider(
            "zai", at: "https://api.z.ai/api/paas/v4", key: "ZAI_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.z.ai/api-reference/llm/chat-completion", seen
        ).with(\.chatReasoning, "reasoning_content").with(\.renames, ["reasoning_effort": "thinking"]),
        Provider(
            "bigmodel", at: "https://open.bigmodel.cn/api/paas/v4", key: "BIGMODEL_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.bigmodel.cn/cn/guide/develop/responses/introduction", .unverified),
        Provider(
            "minimax", at: "https://api.minimax.io/v1", key: "MINIMAX_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/minimax", .unverified),
        Provider(
            "volcengine", at: "https://ark.cn-beijing.volces.com/api/v3", key: "ARK_API_KEY", "VOLCENGINE_API_KEY",
            speaks: [.chatCompletions, .embeddings], source: "https://docs.litellm.ai/docs/providers/volcano",
            .unverified),
        Provider(
            "tencent", at: "https://tokenhub-intl.tencentcloudmaas.com/v1", key: "TENCENT_API_KEY",
            speaks: [.chatCompletions], source: "https://docs.litellm.ai/docs/providers/tencent", .unverified),
        Provider(
            "xiaomi_mimo", at: "https://api.xiaomimimo.com/v1", key: "XIAOMI_MIMO_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/xiaomi_mimo", .unverified),
        Provider(
            "upstage", at: "https://api.upstage.ai/v1", key: "UPSTAGE_API_KEY",
            speaks: [.chatCompletions, .embeddings],
            source: "https://console.upstage.ai/docs/getting-started", .unverified),
        Provider(
            "reka", at: "https://api.reka.ai/v1", key: "REKA_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/reka", .unverified),
        Provider(
            "inception", at: "https://api.inceptionlabs.ai/v1", key: "INCEPTION_API_KEY",
            speaks: [.chatCompletions, .completions], source: "https://docs.litellm.ai/docs/providers/inception",
            .unverified),
        Provider(
            "sarvam", at: "https://api.sarvam.ai/v1", key: "SARVAM_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/sarvam", .unverified),
        Provider(
            "morph", at: "https://api.morphllm.com/v1", key: "MORPH_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/morph", .unverified),
        Provider(
            "v0", at: "https://api.v0.dev/v1", key: "V0_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/v0", .unverified),
    ]

    // MARK: - Who hosts other people's models

    static let hosts: [Provider] = [
        // Always reports usage and its cost in dollars; `include_usage` has no effect
        // (https://openrouter.ai/docs/use-cases/usage-accounting, read on 2026-11-23). "Stop sequences (up to 4)"
        // (https://openrouter.ai/docs/client-sdks/go/models/components/chatrequeststop.md, read on 2026-11-29). PDFs go "as
        // direct URLs or base64-encoded data URLs" (https://openrouter.ai/docs/features/multimodal/pdfs, read on 2026-11-29).
        Provider(
            "openrouter", at: "https://openrouter.ai/api/v1", key: "OPENROUTER_API_KEY", "OR_API_KEY",
            speaks: [.chatCompletions, .responses, .completions, .embeddings], streamUsage: .always, reportsCost: true,
            source: "https://openrouter.ai/docs/use-cases/usage-accounting",
            readToday
        ).with(\.chatReasoning, "reasoning_details").with(\.takesProofs, [.anthropic, .google, .openAI])
            .with(\.takesCacheMarkers, true).with(\.renames, ["reasoning_effort": "reasoning"])
            .with(\.stopSequencesMax, 4).with(\.documentURLPart, "file").with(\.takesWebSearchOptions, true),
        // These parameters are answered with 400, and so are `messages[].name` and any `n` but 1. "Up to 4 sequences where
        // the API will stop" (groq-python, types/chat/completion_create_params.py, read on 2026-11-29).
        Provider(
            "groq", at: "https://api.groq.com/openai/v1", key: "GROQ_API_KEY", speaks: [.chatCompletions],
            refuses: ["logprobs", "logit_bias", "top_logprobs"], source: "https://console.groq.com/docs/openai",
            readToday
        )
        .with(\.stopSequencesMax, 4)
        // "`none` … disable reasoning, `default` … enable": https://console.groq.com/docs/reasoning by https://github.com/vercel/ai/pull/7731;
        // any other word is a 400: https://github.com/mnfst/modelparams.dev/pull/114; so at 3.6 and 3.8:
        // https://github.com/ENTERPILOT/GoModel/pull/946 (all read on 2026-11-29).
        .with(\.efforts, ["qwen3": ["none", "default"]]),
        Provider(
            "together_ai", at: "https://api.together.ai/v1", key: "TOGETHER_API_KEY", "TOGETHERAI_API_KEY",
            streamUsage: .always, source: "https://docs.together.ai/docs/inference/openai-compatibility", readToday),
        Provider(
            "fireworks_ai", at: "https://api.fireworks.ai/inference/v1", key: "FIREWORKS_API_KEY",
            "FIREWORKS_AI_API_KEY", source: "https://docs.fireworks.ai/tools-sdks/openai-compatibility", readToday),
        // 400 for these (https://hexdocs.pm/req_llm/cerebras.html, read on 2026-11-23).
        Provider(
            "cerebras", at: "https://api.cerebras.ai/v1", key: "CEREBRAS_API_KEY",
            speaks: [.chatCompletions, .completions],
            refuses: ["frequency_penalty", "presence_penalty", "logit_bias", "parallel_tool_calls", "service_tier"],
            chatOutputCap: .maxCompletionTokens, source: "https://inference-docs.cerebras.ai/resources/openai", seen),
        Provider(
            "sambanova", at: "https://api.sambanova.ai/v1", key: "SAMBANOVA_API_KEY",
            speaks: [.chatCompletions, .embeddings], source: "https://docs.litellm.ai/docs/providers/sambanova",
            .unverified),
        Provider(
            "nvidia_nim", at: "https://integrate.api.nvidia.com/v1", key: "NVIDIA_NIM_API_KEY", "NVIDIA_API_KEY",
            source: "https://docs.litellm.ai/docs/providers/nvidia_nim", .unverified),
        Provider(
            "deepinfra", at: "https://api.deepinfra.com/v1/openai", key: "DEEPINFRA_API_KEY",
            source: "https://docs.litellm.ai/docs/providers/deepinfra", .unverified),
        Provider(
            "hyperbolic", at: "https://api.hyperbolic.xyz/v1", key: "HYPERBOLIC_API_KEY",
            speaks: [.chatCompletions, .completions], source: "https://docs.litellm.ai/docs/providers/hyperbolic",
            .unverified),
        Provider(
            "novita", at: "https://api.novita.ai/v3/openai", key: "NOVITA_API_KEY",
            source: "https://docs.litellm.ai/docs/providers/novita", .unverified),
        Provider(
            "nebius", at: "https://api.tokenfactory.nebius.com/v1", key: "NEBIUS_API_KEY",
            source: "https://docs.tokenfactory.nebius.com/api-reference/introduction", readToday),
        Provider(
            "baseten", at: "https://inference.baseten.co/v1", key: "BASETEN_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/baseten", .unverified),
        Provider(
            "friendliai", at: "https://api.friendli.ai/serverless/v1", key: "FRIENDLI_TOKEN", "FRIENDLIAI_API_KEY",
            speaks: [.chatCompletions, .completions], source: "https://docs.litellm.ai/docs/providers/friendliai",
            .unverified),
        Provider(
            "huggingface", at: "https://router.huggingface.co/v1", key: "HF_TOKEN", "HUGGINGFACE_API_KEY",
            speaks: [.chatCompletions], source: "https://huggingface.co/docs/inference-providers/index", seen),
        Provider(
            "github", at: "https://models.github.ai/inference", key: "GITHUB_TOKEN", "GITHUB_API_KEY",
            speaks: [.chatCompletions, .embeddings], source: "https://docs.github.com/en/github-models/quickstart",
            readToday),
        Provider(
            "vercel_ai_gateway", at: "https://ai-gateway.vercel.sh/v1", key: "AI_GATEWAY_API_KEY",
            "VERCEL_AI_GATEWAY_API_KEY", speaks: [.chatCompletions, .embeddings],
            source: "https://vercel.com/docs/ai-gateway/openai-compat", seen),
        Provider(
            "veniceai", at: "https://api.venice.ai/api/v1", key: "VENICE_API_KEY", "VENICE_AI_API_KEY",
            speaks: [.chatCompletions, .embeddings], source: "https://docs.venice.ai/api-reference/api-spec", seen),
        Provider(
            "crusoe", at: "https://api.inference.crusoecloud.com/v1", key: "CRUSOE_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/crusoe", seen),
        Provider(
            "avian", at: "https://api.avian.io/v1", key: "AVIAN_API_KEY", speaks: [.chatCompletions],
            source: "https://avian.io/docs", seen),
        Provider(
            "doubleword", at: "https://api.doubleword.ai/v1", key: "DOUBLEWORD_API_KEY",
            speaks: [.chatCompletions, .embeddings], source: "https://docs.doubleword.ai", seen),
        Provider(
            "featherless_ai", at: "https://api.featherless.ai/v1", key: "FEATHERLESS_API_KEY",
            "FEATHERLESS_AI_API_KEY", speaks: [.chatCompletions, .completions],
            source: "https://docs.litellm.ai/docs/providers/featherless_ai", .unverified),
        Provider(
            "lambda_ai", at: "https://api.lambda.ai/v1", key: "LAMBDA_API_KEY",
            speaks: [.chatCompletions, .completions], source: "https://docs.litellm.ai/docs/providers/lambda_ai",
            .unverified),
        Provider(
            "nscale", at: "https://inference.api.nscale.com/v1", key: "NSCALE_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/nscale", .unverified),
        Provider(
            "ovhcloud", at: "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1", key: "OVHCLOUD_API_KEY",
            source: "https://docs.litellm.ai/docs/providers/ovhcloud", .unverified),
        Provider(
            "scaleway", at: "https://api.scaleway.ai/v1", key: "SCW_SECRET_KEY",
            speaks: [.chatCompletions, .embeddings], source: "https://docs.litellm.ai/docs/providers/scaleway",
            .unverified),
        Provider(
            "wandb", at: "https://api.inference.wandb.ai/v1", key: "WANDB_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/wandb_inference", .unverified),
        Provider(
            "gmi", at: "https://api.gmi-serving.com/v1", key: "GMI_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/gmi_cloud", .unverified),
        Provider(
            "gradient_ai", at: "https://inference.do-ai.run/v1", key: "GRADIENT_AI_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/gradient_ai", .unverified),
        Provider(
            "chutes", at: "https://llm.chutes.ai/v1", key: "CHUTES_API_KEY", speaks: [.chatCompletions],
            source: "https://chutes.ai/docs", .unverified),
        Provider(
            "parasail", at: "https://api.parasail.io/v1", key: "PARASAIL_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/parasail", .unverified),
        Provider(
            "aihubmix", at: "https://aihubmix.com/v1", key: "AIHUBMIX_API_KEY", speaks: [.chatCompletions],
            source: "https://docs.litellm.ai/docs/providers/aihubmix", .unverified),
        Provider(
            "poe", at: "https://api.poe.com/v1", key: "POE_API_KEY", speaks: [.chatCompletions],
            source: "https://creator.poe.com/docs/external-applications/openai-compatible-api", .unverified),
    ]

    // MARK: - Whose address is the customer's own

    static let clouds: [Provider] = [
        // The v1 API: no api-version, the deployment's name is the `model`. base_url is
        // https://RESOURCE.openai.azure.com/openai/v1 (recorded, and
        // https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle, read on 2026-11-23). The models are
        // OpenAI's, and so is the number of stop sequences. It searches in Responses alone: "Unknown parameter:
        // 'web_search_options'" (https://github.com/microsoft/agent-framework/issues/3629, read on 2026-11-30).
        Provider(
            "azure", at: nil, signing: .header("api-key"), key: "AZURE_OPENAI_API_KEY", "AZURE_API_KEY",
            speaks: [.chatCompletions, .responses, .completions, .embeddings], refuses: unknownToOpenAI,
            chatOutputCap: .maxCompletionTokens,
            source: "https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle", readToday
        ).with(\.takesDeveloperRole, true).with(\.limitsToolSchemas, true).with(\.stopSequencesMax, 4)
            .with(\.takesVideo, false),
        // The dated API: base_url is https://RESOURCE.openai.azure.com, and `api_version` is needed.
        Provider(
            "azure_deployments", at: nil, signing: .header("api-key"), key: "AZURE_OPENAI_API_KEY", "AZURE_API_KEY",
            paths: [
                .chatCompletions: "/openai/deployments/{model}/chat/completions",
                .completions: "/openai/deployments/{model}/completions",
                .embeddings: "/openai/deployments/{model}/embeddings",
            ], versionParameter: "api-version", refuses: unknownToOpenAI, chatOutputCap: .maxCompletionTokens,
            source: "https://learn.microsoft.com/azure/ai-foundry/openai/reference", seen
        ).with(\.limitsToolSchemas, true).with(\.stopSequencesMax, 4).with(\.takesVideo, false),
        // base_url is https://bedrock-runtime.REGION.amazonaws.com. A Bedrock API key is a bearer token
        // (https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-use.html), access keys sign.
        Provider(
            "bedrock", at: nil, signing: .aws(service: "bedrock"), key: "AWS_BEARER_TOKEN_BEDROCK",
            "TOLLGATE_AWS_CREDENTIALS", speaks: [.converse],
            source: "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html", seen
        ).with(\.countsTokens, true),
        // The same host; Anthropic's own bodies.
        Provider(
            "bedrock_anthropic", at: nil, signing: .aws(service: "bedrock"), key: "AWS_BEARER_TOKEN_BEDROCK",
            "TOLLGATE_AWS_CREDENTIALS", speaks: [.messages], paths: [.messages: "/model/{model}/invoke"],
            source:
                "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html",
            seen
        ).with(\.messagesHost, .bedrock),
        // base_url is https://LOCATION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION. The key is an OAuth
        // access token or a service account's JSON.
        Provider(
            "vertex_ai", at: nil, signing: .google, key: "VERTEX_ACCESS_TOKEN", "GOOGLE_SERVICE_ACCOUNT_JSON",
            speaks: [.generateContent], paths: [.generateContent: "/publishers/google/models/{model}:generateContent"],
            source: "https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference", seen
        ).with(\.isVertex, true).with(\.countsTokens, true),
        Provider(
            "vertex_anthropic", at: nil, signing: .google, key: "VERTEX_ACCESS_TOKEN", "GOOGLE_SERVICE_ACCOUNT_JSON",
            speaks: [.messages], paths: [.messages: "/publishers/anthropic/models/{model}:rawPredict"],
            source: "https://docs.anthropic.com/en/api/claude-on-vertex-ai", seen
        ).with(\.messagesHost, .vertex),
        // base_url is https://WORKSPACE/serving-endpoints. Every chunk has the counts so far (11 recorded streams).
        Provider(
            "databricks", at: nil, key: "DATABRICKS_TOKEN", "DATABRICKS_API_KEY", refuses: ["stream_options"],
            streamUsage: .everyChunk, source: "https://docs.databricks.com/en/machine-learning/foundation-model-apis/",
            seen),
        // base_url is https://api.cloudflare.com/client/v4/accounts/ACCOUNT/ai/v1.
        Provider(
            "cloudflare", at: nil, key: "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY",
            speaks: [.chatCompletions, .embeddings],
            source: "https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/", seen),
        // base_url is https://ACCOUNT.snowflakecomputing.com/api/v2/cortex/v1.
        Provider(
            "snowflake", at: nil, key: "SNOWFLAKE_PAT", speaks: [.chatCompletions],
            chatOutputCap: .maxCompletionTokens,
            source: "https://docs.snowflake.com/en/user-guide/snowflake-cortex/open_ai_sdk", seen),
        Provider(
            "heroku", at: "https://us.inference.heroku.com/v1", key: "INFERENCE_KEY", "HEROKU_API_KEY",
            speaks: [.chatCompletions, .embeddings], source: "https://docs.litellm.ai/docs/providers/heroku", seen),
    ]

    // MARK: - On one's own machines

    static let own: [Provider] = [
        Provider(
            "ollama", at: "http://127.0.0.1:11434/v1", key: "OLLAMA_API_KEY", keyIsOptional: true,
            source: "https://docs.ollama.com/api/openai-compatibility", seen),
        Provider(
            "ollama_chat", at: "http://127.0.0.1:11434", key: "OLLAMA_API_KEY", keyIsOptional: true,
            speaks: [.ollamaChat], paths: [.ollamaChat: "/api/chat"], source: "https://docs.ollama.com/api/chat", seen),
        Provider(
            "vllm", at: "http://127.0.0.1:8000/v1", key: "VLLM_API_KEY", "HOSTED_VLLM_API_KEY", keyIsOptional: true,
            source: "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html", seen),
        Provider(
            "llamacpp", at: "http://127.0.0.1:8080/v1", key: "LLAMA_CPP_API_KEY", keyIsOptional: true,
            source: "https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md", seen),
        Provider(
            "lm_studio", at: "http://127.0.0.1:1234/v1", key: "LM_STUDIO_API_KEY", keyIsOptional: true,
            source: "https://docs.litellm.ai/docs/providers/lm_studio", .unverified),
        Provider(
            "llamafile", at: "http://127.0.0.1:8080/v1", key: "LLAMAFILE_API_KEY", keyIsOptional: true,
            source: "https://docs.litellm.ai/docs/providers/llamafile", .unverified),
        // LiteLLM's or another Tollgate's address is the operator's own.
        Provider(
            "litellm_proxy", at: nil, key: "LITELLM_PROXY_API_KEY",
            source: "https://docs.litellm.ai/docs/providers/litellm_proxy", .unverified),
    ]
}
