// Written by scripts/catalogue from LiteLLM 1.109.1's table of 2026-11-22. Don't edit: run it again.
// swift-format-ignore-file

extension ModelCatalogue {
    /// 2737 models of 54 providers in 151 KB that are only touched when they are asked for.
    static func block(of provider: String) -> StaticString? {
        switch provider {
        case "openai": openai
        case "anthropic": anthropic
        case "gemini": gemini
        case "mistral": mistral
        case "codestral": codestral
        case "deepseek": deepseek
        case "xai": xai
        case "cohere": cohere
        case "perplexity": perplexity
        case "ai21": ai21
        case "meta_llama": meta_llama
        case "moonshot": moonshot
        case "dashscope": dashscope
        case "qwencloud": qwencloud
        case "zai": zai
        case "bigmodel": bigmodel
        case "minimax": minimax
        case "volcengine": volcengine
        case "tencent": tencent
        case "xiaomi_mimo": xiaomi_mimo
        case "inception": inception
        case "sarvam": sarvam
        case "morph": morph
        case "v0": v0
        case "groq": groq
        case "together_ai": together_ai
        case "fireworks_ai": fireworks_ai
        case "cerebras": cerebras
        case "sambanova": sambanova
        case "deepinfra": deepinfra
        case "hyperbolic": hyperbolic
        case "novita": novita
        case "nebius": nebius
        case "baseten": baseten
        case "friendliai": friendliai
        case "vercel_ai_gateway": vercel_ai_gateway
        case "crusoe": crusoe
        case "featherless_ai": featherless_ai
        case "lambda_ai": lambda_ai
        case "nscale": nscale
        case "ovhcloud": ovhcloud
        case "scaleway": scaleway
        case "wandb": wandb
        case "gmi": gmi
        case "gradient_ai": gradient_ai
        case "aihubmix": aihubmix
        case "azure", "azure_deployments": azure
        case "bedrock", "bedrock_anthropic": bedrock
        case "vertex_ai": vertex_ai
        case "vertex_anthropic": vertex_anthropic
        case "databricks": databricks
        case "cloudflare": cloudflare
        case "snowflake": snowflake
        case "heroku": heroku
        default: nil
        }
    }

    private static let openai: StaticString = """
babbage-002	t	16384	4096	0.4	0.4
chat-latest	c	400000	128000	5	30	0.5
computer-use-preview	c	8192	1024	3	12
computer-use-preview-2025-03-11	c	8192	1024	3	12
container	c
davinci-002	t	16384	4096	2	2
daybreak-blue-latest	c	922000	128000	4	20	0.4	5						272000=8/30/0.8/10
daybreak-red-latest	c	400000	128000	12.5	75	1.25	15.625						272000=25/112.5/2.5/31.25
ft:babbage-002	t	16384	4096	1.6	1.6
ft:davinci-002	t	16384	4096	12	12
ft:gpt-3.5-turbo	c	16385	4096	3	6
ft:gpt-3.5-turbo-0125	c	16385	4096	3	6
ft:gpt-3.5-turbo-0613	c	4096	4096	3	6
ft:gpt-3.5-turbo-1106	c	16385	4096	3	6
ft:gpt-4-0613	c	8192	4096	30	60
ft:gpt-4.1-2025-04-14	c	1047576	32768	3	12	0.75
ft:gpt-4.1-mini-2025-04-14	c	1047576	32768	0.8	3.2	0.2
ft:gpt-4.1-nano-2025-04-14	c	1047576	32768	0.2	0.8	0.05
ft:gpt-4o-2024-08-06	c	128000	16384	3.75	15	1.875
ft:gpt-4o-2024-11-20	c	128000	16384	3.75	15		1.875
ft:gpt-4o-mini-2024-07-18	c	128000	16384	0.3	1.2	0.15
ft:o4-mini-2025-04-16	c	200000	100000	4	16	1
gpt-3.5-turbo	c	16385	4096	0.5	1.5
gpt-3.5-turbo-0125	c	16385	4096	0.5	1.5
gpt-3.5-turbo-1106	c	16385	4096	1	2
gpt-3.5-turbo-16k	c	16385	4096	3	4
gpt-3.5-turbo-instruct	t	8192	4096	1.5	2
gpt-3.5-turbo-instruct-0914	t	8192	4097	1.5	2
gpt-4	c	8192	4096	30	60
gpt-4-0613	c	8192	4096	30	60
gpt-4-1106-preview	c	128000	4096	10	30
gpt-4-turbo	c	128000	4096	10	30
gpt-4-turbo-2024-04-09	c	128000	4096	10	30
gpt-4.1	c	1047576	32768	2	8	0.5
gpt-4.1-2025-04-14	c	1047576	32768	2	8	0.5
gpt-4.1-mini	c	1047576	32768	0.4	1.6	0.1
gpt-4.1-mini-2025-04-14	c	1047576	32768	0.4	1.6	0.1
gpt-4.1-nano	c	1047576	32768	0.1	0.4	0.025
gpt-4.1-nano-2025-04-14	c	1047576	32768	0.1	0.4	0.025
gpt-4o	c	128000	16384	2.5	10	1.25
gpt-4o-2024-05-13	c	128000	4096	5	15
gpt-4o-2024-08-06	c	128000	16384	2.5	10	1.25
gpt-4o-2024-11-20	c	128000	16384	2.5	10	1.25
gpt-4o-audio-preview-2024-12-17	c	128000	16384	2.5	10					40	80
gpt-4o-audio-preview-2025-06-03	c	128000	16384	2.5	10					40	80
gpt-4o-mini	c	128000	16384	0.15	0.6	0.075
gpt-4o-mini-2024-07-18	c	128000	16384	0.15	0.6	0.075
gpt-4o-mini-audio-preview-2024-12-17	c	128000	16384	0.15	0.6					10	20
gpt-4o-mini-search-preview	c	128000	16384	0.15	0.6	0.075
gpt-4o-mini-search-preview-2025-03-11	c	128000	16384	0.15	0.6	0.075
gpt-4o-search-preview	c	128000	16384	2.5	10	1.25
gpt-4o-search-preview-2025-03-11	c	128000	16384	2.5	10	1.25
gpt-5	c	272000	128000	1.25	10	0.125
gpt-5-2025-08-07	c	272000	128000	1.25	10	0.125
gpt-5-chat	c	128000	16384	1.25	10	0.125
gpt-5-chat-latest	c	128000	16384	1.25	10	0.125
gpt-5-codex	r	272000	128000	1.25	10	0.125
gpt-5-mini	c	272000	128000	0.25	2	0.025
gpt-5-mini-2025-08-07	c	272000	128000	0.25	2	0.025
gpt-5-nano	c	272000	128000	0.05	0.4	0.005
gpt-5-nano-2025-08-07	c	272000	128000	0.05	0.4	0.005
gpt-5-pro	r	400000	272000	15	120
gpt-5-pro-2025-10-06	r	400000	272000	15	120
gpt-5-search-api	c	272000	128000	1.25	10	0.125
gpt-5-search-api-2025-10-14	c	272000	128000	1.25	10	0.125
gpt-5.1	c	272000	128000	1.25	10	0.125
gpt-5.1-2025-11-13	c	272000	128000	1.25	10	0.125
gpt-5.1-chat-latest	c	128000	16384	1.25	10	0.125
gpt-5.1-codex	r	400000	128000	1.25	10	0.125
gpt-5.1-codex-max	r	400000	128000	1.25	10	0.125
gpt-5.1-codex-mini	r	400000	128000	0.25	2	0.025
gpt-5.2	c	272000	128000	1.75	14	0.175
gpt-5.2-2025-12-11	c	272000	128000	1.75	14	0.175
gpt-5.2-chat-latest	c	128000	16384	1.75	14	0.175
gpt-5.2-codex	r	272000	128000	1.75	14	0.175
gpt-5.2-pro	r	272000	128000	21	168
gpt-5.2-pro-2025-12-11	r	272000	128000	21	168
gpt-5.3-chat-latest	c	128000	16384	1.75	14	0.175
gpt-5.3-codex	r	272000	128000	1.75	14	0.175
gpt-5.4	c	1050000	128000	2.5	15	0.25							272000=5/22.5/0.5
gpt-5.4-2026-03-05	c	1050000	128000	2.5	15	0.25							272000=5/22.5/0.5
gpt-5.4-mini	c	272000	128000	0.75	4.5	0.075
gpt-5.4-mini-2026-03-17	c	272000	128000	0.75	4.5	0.075
gpt-5.4-nano	c	272000	128000	0.2	1.25	0.02
gpt-5.4-nano-2026-03-17	c	272000	128000	0.2	1.25	0.02
gpt-5.4-pro	r	1050000	128000	30	180								272000=60/270
gpt-5.4-pro-2026-03-05	r	1050000	128000	30	180								272000=60/270
gpt-5.5	c	1050000	128000	5	30	0.5							272000=10/45/1
gpt-5.5-2026-04-23	c	1050000	128000	5	30	0.5							272000=10/45/1
gpt-5.5-cyber	c			12.5	75	1.25
gpt-5.5-cyber-preview	c			12.5	75	1.25
gpt-5.5-pro	r	1050000	128000	30	180								272000=60/270
gpt-5.5-pro-2026-04-23	r	1050000	128000	30	180								272000=60/270
gpt-5.6	c	922000	128000	4	20	0.4	5						272000=8/30/0.8/10
gpt-5.6-cyber	c	400000	128000	12.5	75	1.25	15.625						272000=25/112.5/2.5/31.25
gpt-5.6-luna	c	922000	128000	0.2	1.2	0.02	0.25						272000=0.4/1.8/0.04/0.5
gpt-5.6-sol	c	922000	128000	4	20	0.4	5						272000=8/30/0.8/10
gpt-5.6-terra	c	922000	128000	2	12	0.2	2.5						272000=4/18/0.4/5
gpt-6-astra	c	922000	128000	10	50	1	12.5						272000=20/75/2/25
gpt-6-astra-law	c	922000	128000	10	50	1
gpt-6-luna	c	922000	128000	0.1	0.5	0.01	0.125						272000=0.2/0.75/0.02/0.25
gpt-6-rosalind	c	922000	128000	15	75	1.5	18.75						272000=30/112.5/3/37.5
gpt-6-sol	c	922000	128000	2	10	0.2	2.5						272000=4/15/0.4/5
gpt-6.1-sol	c	922000	128000	2	10	0.1	2.5						272000=4/15/0.2/5
gpt-6.1-terra	c	922000	128000	1	5	0.05	1.25						272000=2/7.5/0.1/2.5
gpt-audio	c	128000	16384	2.5	10					32	64
gpt-audio-1.5	c	128000	16384	2.5	10					32	64
gpt-audio-2025-08-28	c	128000	16384	2.5	10					32	64
gpt-audio-mini	c	128000	16384	0.6	2.4					10	20
gpt-audio-mini-2025-10-06	c	128000	16384	0.6	2.4					10	20
gpt-audio-mini-2025-12-15	c	128000	16384	0.6	2.4					10	20
gpt-daybreak-blue-latest	r	922000	128000	4	20	0.4	5						272000=8/30/0.8/10
gpt-daybreak-red-latest	r	400000	128000	12.5	75	1.25	15.625						272000=25/112.5/2.5/31.25
gpt-rosalind-discovery	c			5	25	0.5
gpt-rosalind-research	c			5	25	0.5
o1	c	200000	100000	15	60	7.5
o1-2024-12-17	c	200000	100000	15	60	7.5
o1-pro	r	200000	100000	150	600
o1-pro-2025-03-19	r	200000	100000	150	600
o3	c	200000	100000	2	8	0.5
o3-2025-04-16	c	200000	100000	2	8	0.5
o3-deep-research	r	200000	100000	10	40	2.5
o3-deep-research-2025-06-26	r	200000	100000	10	40	2.5
o3-mini	c	200000	100000	1.1	4.4	0.55
o3-mini-2025-01-31	c	200000	100000	1.1	4.4	0.55
o3-pro	r	200000	100000	20	80
o3-pro-2025-06-10	r	200000	100000	20	80
o4-mini	c	200000	100000	1.1	4.4	0.275
o4-mini-2025-04-16	c	200000	100000	1.1	4.4	0.275
o4-mini-deep-research	r	200000	100000	2	8	0.5
o4-mini-deep-research-2025-06-26	r	200000	100000	2	8	0.5
text-embedding-3-large	e	8191		0.13	0
text-embedding-3-small	e	8191		0.02	0
text-embedding-ada-002	e	8191		0.1	0
text-embedding-ada-002-v2	e	8191		0.1	0
"""

    private static let anthropic: StaticString = """
claude-fable-5	c	1000000	128000	10	50	1	12.5	20
claude-fable-5-1	c	1000000	128000	10	50	0.25	12.5	20
claude-haiku-4-5	c	200000	64000	1	5	0.1	1.25	2
claude-haiku-4-5-20251001	c	200000	64000	1	5	0.1	1.25	2
claude-haiku-5-5	c	1000000	128000	0.1	0.5	0.01	0.125	0.2					100000=0.5/2.5/0.05/0.625/1
claude-mythos-5	c	1000000	128000	10	50	1	12.5	20
claude-mythos-5-1	c	1000000	128000	10	50	0.25	12.5	20
claude-mythos-preview	c	1000000	128000	10	50	1	12.5	20
claude-opus-4-5	c	200000	64000	5	25	0.5	6.25	10
claude-opus-4-5-20251101	c	200000	64000	5	25	0.5	6.25	10
claude-opus-4-6	c	1000000	128000	5	25	0.5	6.25	10
claude-opus-4-6-20260205	c	1000000	128000	5	25	0.5	6.25	10
claude-opus-4-7	c	1000000	128000	5	25	0.5	6.25	10
claude-opus-4-7-20260416	c	1000000	128000	5	25	0.5	6.25	10
claude-opus-4-8	c	1000000	128000	5	25	0.5	6.25	10
claude-opus-5	c	1000000	128000	5	25	0.5	6.25	10
claude-opus-5-5	c	1000000	128000	4	20	0.2	5	8
claude-sonnet-4-5	c	200000	64000	3	15	0.3	3.75	6
claude-sonnet-4-5-20250929	c	200000	64000	3	15	0.3	3.75	6
claude-sonnet-4-6	c	1000000	128000	3	15	0.3	3.75	6
claude-sonnet-5	c	1000000	128000	2	10	0.2	2.5	4
claude-sonnet-5-5	c	1000000	128000	2	10	0.1	2.5	4
"""

    private static let gemini: StaticString = """
deep-research-max-preview-04-2026	c	1048576	65536	2	12
deep-research-preview-04-2026	c	1048576	65536	2	12
deep-research-pro-preview-12-2025	c	1048576	65536	2	12
gemini-2.5-computer-use-preview-10-2025	c	128000	64000	1.25	10								200000=2.5/15
gemini-2.5-flash	c	1048576	65536	0.3	2.5	0.03			2.5	1
gemini-2.5-flash-lite	c	1048576	65536	0.1	0.4	0.01			0.4	0.3
gemini-2.5-pro	c	1048576	65536	1.25	10	0.125							200000=2.5/15/0.25
gemini-2.5-pro-preview-tts	c	8192	16384	1	20	0.125				0.7	20
gemini-3-flash-preview	c	1048576	65536	0.5	3	0.05			3	1
gemini-3.1-flash-lite	c	1048576	65536	0.25	1.5	0.025			1.5	0.5
gemini-3.1-flash-lite-preview	c	1048576	65536	0.25	1.5	0.025			1.5	0.5
gemini-3.1-pro-preview	c	1048576	65536	2	12	0.2							200000=4/18/0.4
gemini-3.1-pro-preview-customtools	c	1048576	65536	2	12	0.2							200000=4/18/0.4
gemini-3.5-flash	c	1048576	65536	1.5	9	0.15			9	1.5
gemini-3.5-flash-lite	c	1048576	65536	0.3	2.5	0.03			2.5
gemini-3.6-flash	c	1048576	65536	0.75	3.75	0.075			3.75
gemini-3.7-flash	c	1048576	65536	0.75	3.75	0.075			3.75
gemini-3.8-flash	c	1048576	65536	0.75	3.75	0.075			3.75
gemini-4-argon	c	1048576	1048576	2	10	0.1			10
gemini-embedding-001	e	2048		0.15	0
gemini-embedding-2	e	8192		0.2	0					6.5
gemini-embedding-2-preview	e	8192		0.2	0					6.5
gemini-exp-1114	c	1048576	8192
gemini-exp-1206	c	1048576	65535	0.3	2.5	0.03			2.5	1
gemini-flash-latest	c	1048576	65536	0.75	3.75	0.075			3.75
gemini-flash-lite-latest	c	1048576	65536	0.3	2.5	0.03			2.5
gemini-gemma-2-27b-it	c	8192	8192	0.35	1.05
gemini-gemma-2-9b-it	c	8192	8192	0.35	1.05
gemini-omni-1.1-flash	c	1048576	65536	1.5	9				9	1.5
gemini-omni-flash-preview	c	131072	65536	1.5	9				9	1.5
gemini-pro-latest	c	1048576	65536	2	12	0.2							200000=4/18/0.4
gemini-robotics-er-2-preview	c	131072	65536	1	5	0.1			5	1
gemini-robotics-er-2-streaming-preview	c	131072	65536	1	5					1
gemma-3-27b-it	c	131072	8192
gemma-4-26b-a4b-it	c	262144	32768
gemma-4-31b-it	c	262144	32768
learnlm-1.5-pro-experimental	c	32767	8192
lyria-3-clip-preview	c	131072	8192
lyria-3-pro-preview	c	131072	8192
lyria-3.5	c	131072	65536
lyria-3.5-clip-preview	c	131072	8192
lyria-3.5-pro-preview	c	131072	8192
lyria-realtime-exp	c	1048576	65536
"""

    private static let mistral: StaticString = """
codestral-2508	c	128000	128000	0.3	0.9	0.03
codestral-embed	e	8192		0.15	0	0.015
codestral-embed-2505	e	8192		0.15	0	0.015
codestral-latest	c	128000	128000	0.3	0.9	0.03
codestral-mamba-latest	c	256000	256000	0.25	0.25	0.025
deepseek-v4-1-flash-1017	c	1048576	131072	0.3	1.2	0.007
devstral-latest	c	256000	256000	0.4	2	0.04
devstral-medium-latest	c	256000	256000	0.4	2	0.04
devstral-small-latest	c	256000	256000	0.1	0.3	0.01
glm-5-2	c	1048576	131072	1.4	4.4	0.14
labs-leanstral-1-5	c	262144	131072
labs-leanstral-1-5-1	c	262144	131072
magistral-medium-latest	c	262144	262144	1.5	7.5	0.15
magistral-small-latest	c	262144	262144	0.15	0.6	0.015
ministral-14b-2512	c	262144	262144	0.2	0.2	0.02
ministral-14b-latest	c	262144	262144	0.2	0.2	0.02
ministral-3-14b-2512	c	262144	262144	0.2	0.2	0.02
ministral-3-3b-2512	c	131072	131072	0.1	0.1	0.01
ministral-3-8b-2512	c	262144	262144	0.15	0.15	0.015
ministral-3b-2512	c	131072	131072	0.1	0.1	0.01
ministral-3b-latest	c	131072	131072	0.1	0.1	0.01
ministral-8b-2512	c	262144	262144	0.15	0.15	0.015
ministral-8b-latest	c	262144	262144	0.15	0.15	0.015
mistral-code-agent-latest	c	256000	256000	0.4	2	0.04
mistral-code-fim-latest	c	128000	128000	0.3	0.9	0.03
mistral-code-latest	c	128000	128000	0.3	0.9	0.03
mistral-embed	e	8192		0.1	0
mistral-embed-2312	e	8192		0.1	0
mistral-large-2512	c	262144	262144	0.5	1.5	0.05
mistral-large-3	c	262144	262144	0.5	1.5	0.05
mistral-large-4	c	1048576	1048576	1.36	4.18	0.14
mistral-large-4-0	c	1048576	1048576	1.36	4.18	0.14
mistral-large-latest	c	262144	262144	0.5	1.5	0.05
mistral-medium	c	262144	262144	1.5	7.5	0.15
mistral-medium-2604	c	262144	262144	1.5	7.5	0.15
mistral-medium-3	c	262144	262144	1.5	7.5	0.15
mistral-medium-3-5	c	262144	262144	1.5	7.5	0.15
mistral-medium-3.5	c	262144	262144	1.5	7.5	0.15
mistral-medium-latest	c	262144	262144	1.5	7.5	0.15
mistral-small	c	32000	8191	0.1	0.3	0.01
mistral-small-2603	c	262144	262144	0.15	0.6	0.015
mistral-small-latest	c	262144	262144	0.15	0.6	0.015
mistral-tiny	c	32000	8191	0.25	0.25	0.025
mistral-vibe-cli-fast	c	262144	262144	0.15	0.6	0.015
mistral-vibe-cli-latest	c	262144	262144	1.5	7.5	0.15
mistral-vibe-cli-with-tools	c	262144	262144	1.5	7.5	0.15
open-mistral-nemo	c	128000	128000	0.3	0.3	0.03
pixtral-large-latest	c	128000	128000	2	6	0.2
voxtral-small-2507	c	32768	32768	0.1	0.4	0.01
voxtral-small-latest	c	32768	32768	0.1	0.4	0.01
zai-glm-5	c	1048576	131072	1.4	4.4	0.14
zai-glm-5-2	c	1048576	131072	1.4	4.4	0.14
zai-glm-5-3	c	1048576	131072	1.4	4.4	0.14
zai-glm-5-3-flash	c	1048576	131072	0.15	0.5	0.03
zai-glm-latest	c	1048576	131072	1.4	4.4	0.14
"""

    private static let codestral: StaticString = """
codestral-2405	c	32000	8191
codestral-latest	c	32000	8191
"""

    private static let deepseek: StaticString = """
deepseek-chat	c	131072	8192	0.28	0.42	0.028
deepseek-coder	c	128000	4096	0.14	0.28	0.014
deepseek-flash	c	1000000	393216	0.3	1.2	0.006	0
deepseek-r1	c	65536	8192	0.55	2.19	0.14
deepseek-reasoner	c	131072	65536	0.28	0.42	0.028
deepseek-v3	c	65536	8192	0.27	1.1	0.07	0
deepseek-v3.2	c	163840	163840	0.28	0.4	0.028
deepseek-v4-flash	c	1000000	393216	0.3	1.2	0.006	0
deepseek-v4-flash-vision-exp	c	1000000	393216	0.3	1.2	0.006	0
deepseek-v4-pro	c	1000000	393216	1.32	3.96	0.044	0
"""

    private static let xai: StaticString = """
grok-4.20	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-0309	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-0309-non-reasoning	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-0309-reasoning	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-beta	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-beta-0309	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-beta-0309-non-reasoning	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-beta-0309-reasoning	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-beta-latest	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-beta-latest-non-reasoning	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-beta-latest-reasoning	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-beta-non-reasoning	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-beta-reasoning	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-experimental-beta-0304	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-experimental-beta-0304-non-reasoning	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-experimental-beta-0304-reasoning	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-experimental-beta-latest	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-experimental-beta-non-reasoning-latest	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-experimental-beta-reasoning-latest	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-multi-agent	r	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-multi-agent-0309	r	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-multi-agent-beta-0309	r	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-multi-agent-beta-latest	r	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-multi-agent-experimental-beta-0304	r	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-multi-agent-experimental-beta-latest	r	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-multi-agent-latest	r	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-non-reasoning	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-non-reasoning-gv2	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-non-reasoning-latest	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-reasoning	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-reasoning-gv2	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.20-reasoning-latest	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.3	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.3-latest	c	1000000	1000000	1.25	2.5	0.2							200000=2.5/5/0.4
grok-4.5	c	500000	500000	2	6	0.3							200000=4/12/0.6
grok-4.5-latest	c	500000	500000	2	6	0.3							200000=4/12/0.6
grok-4.6	c	500000	500000	2	6	0.5							200000=4/12/1
grok-4.7	c	500000	500000	2	6	0.5							200000=4/12/1
grok-build-0.1	c	256000	256000	1	2	0.2							200000=2/4/0.4
grok-build-latest	c	500000	500000	2	6	0.3							200000=4/12/0.6
grok-code-fast	c	256000	256000	1	2	0.2							200000=2/4/0.4
grok-code-fast-1	c	256000	256000	1	2	0.2							200000=2/4/0.4
grok-code-fast-1-0825	c	256000	256000	1	2	0.2							200000=2/4/0.4
"""

    private static let cohere: StaticString = """
c4ai-aya-expanse-32b	c	128000	4000	0.5	1.5
command-a-03-2025	c	256000	8000	2.5	10
command-a-plus-05-2026	c	128000	64000
command-nightly	t	4096	4096	1	2
command-r-08-2024	c	128000	4096	0.15	0.6
command-r-plus-08-2024	c	128000	4096	2.5	10
command-r7b-12-2024	c	128000	4096	0.0375	0.15
embed-english-light-v3.0	e	512		0.1	0
embed-english-v3.0	e	512		0.1	0
embed-multilingual-light-v3.0	e	512		100	0
embed-multilingual-v3.0	e	512		0.1	0
embed-v4.0	e	128000		0.12	0
embed-v5.0-fast	e	128000		0.08	0
embed-v5.0-pro	e	128000		0.12	0
"""

    private static let perplexity: StaticString = """
anthropic/claude-fable-5	r			10	50	1
anthropic/claude-fable-5-1	r			10	50	0.25
anthropic/claude-haiku-4-5	r			1	5	0.1
anthropic/claude-haiku-5-5	r			0.1	0.5	0.01
anthropic/claude-opus-4-5	r			5	25	0.5
anthropic/claude-opus-4-6	r			5	25	0.5
anthropic/claude-opus-4-7	r			5	25	0.5
anthropic/claude-opus-4-8	r			5	25	0.5
anthropic/claude-opus-5	r			5	25	0.5
anthropic/claude-opus-5-5	r			4	20	0.2
anthropic/claude-sonnet-4-5	r			3	15	0.3
anthropic/claude-sonnet-4-6	r			3	15	0.3
anthropic/claude-sonnet-5	r			2	10	0.2
anthropic/claude-sonnet-5-5	r			2	10	0.2
codellama-34b-instruct	c	16384	16384	0.35	1.4
codellama-70b-instruct	c	16384	16384	0.7	2.8
google/gemini-2.5-flash	r
google/gemini-2.5-pro	r
google/gemini-3-flash-preview	r			0.5	3	0.05
google/gemini-3-pro-preview	r
google/gemini-3.1-flash-lite	r			0.25	1.5	0.025
google/gemini-3.1-pro-preview	r			2	12	0.2							200000=4/18/0.4
google/gemini-3.5-flash	r			1.5	9	0.15
google/gemini-3.5-flash-lite	r			0.3	2.5	0.03
google/gemini-3.6-flash	r			1.5	7.5	0.15
google/gemini-3.7-flash	r			0.75	3.75	0.075
google/gemini-3.8-flash	r			0.75	3.75	0.075
llama-2-70b-chat	c	4096	4096	0.7	2.8
llama-3.1-70b-instruct	c	131072	131072	1	1
llama-3.1-8b-instruct	c	131072	131072	0.2	0.2
mistral-7b-instruct	c	4096	4096	0.07	0.28
mixtral-8x7b-instruct	c	4096	4096	0.07	0.28
openai/gpt-5	r			1.25	10	0.125
openai/gpt-5-mini	r			0.25	2	0.025
openai/gpt-5-nano	r			0.05	0.4	0.005
openai/gpt-5.1	r			1.25	10	0.125
openai/gpt-5.2	r			1.75	14	0.175
openai/gpt-5.3-codex	r			3.5	28	0.35
openai/gpt-5.4	r			2.5	15	0.25							272000=5/22.5/0.5
openai/gpt-5.4-mini	r			0.75	4.5	0.075
openai/gpt-5.4-nano	r			0.2	1.25	0.02
openai/gpt-5.5	r			5	30	0.5							272000=10/45/1
openai/gpt-5.6-luna	r			0.2	1.2	0.02							272000=0.4/1.8/0.04
openai/gpt-5.6-sol	r			4	20	0.4							272000=8/30/0.8
openai/gpt-5.6-terra	r			2	12	0.2							272000=4/18/0.4
openai/gpt-6-astra	r			10	50	1	12.5
openai/gpt-6-luna	r			0.1	0.5	0.01							272000=0.2/0.75/0.02
openai/gpt-6-sol	r			2	10	0.2							272000=4/15/0.4
openai/gpt-6.1-sol	r			2	10	0.1							272000=4/15/0.2
perplexity/deepseek-v4-flash-0731	r			0.13	0.26	0.028
perplexity/deepseek-v4-pro-0813	r			1.32	3.96	0.044
perplexity/glm-5.2	r			1.4	4.4	0.14
perplexity/glm-5.3	r			1.4	4.4	0.26
perplexity/glm-5.3-flash	r			0.15	0.5	0.03
perplexity/kimi-k2.7-code	r			0.95	4	0.19
perplexity/kimi-k3	r			3	15	0.3
perplexity/nemotron-3-ultra-550b-a55b	r			0.25	2.5	0.25
perplexity/nemotron-3.5-lightning-30b-a3b	r			0.0115	0.17	0.00115
perplexity/sonar	r			0.25	2.5	0.0625
pplx-70b-chat	c	4096	4096	0.7	2.8
pplx-70b-online	c	4096	4096	0	2.8							0.005
pplx-7b-chat	c	8192	8192	0.07	0.28
pplx-7b-online	c	4096	4096	0	0.28							0.005
pplx-embed-context-v1-0.6b	e	32768		0.008	0
pplx-embed-context-v1-4b	e	32768		0.05	0
pplx-embed-v1-0.6b	e	32768		0.004	0
pplx-embed-v1-4b	e	32768		0.03	0
preset/advanced-deep-research	r
preset/deep-research	r
preset/fast-search	r
preset/pro-search	r
sonar	c	128000	128000	1	1							0.012
sonar-deep-research	c	128000	128000	2	8				3			0.005
sonar-medium-chat	c	16384	16384	0.6	1.8
sonar-medium-online	c	12000	12000	0	1.8							0.005
sonar-pro	c	200000	8000	3	15							0.014
sonar-reasoning	c	128000	128000	1	5							0.014
sonar-reasoning-pro	c	128000	128000	2	8							0.014
sonar-small-chat	c	16384	16384	0.07	0.28
sonar-small-online	c	12000	12000	0	0.28							0.005
xai/grok-4-1-fast-non-reasoning	r
xai/grok-4.20-multi-agent	r			1.25	2.5	0.2							200000=2.5/5/0.4
xai/grok-4.20-non-reasoning	r			1.25	2.5	0.2							200000=2.5/5/0.4
xai/grok-4.20-reasoning	r			1.25	2.5	0.2							200000=2.5/5/0.4
xai/grok-4.3	r			1.25	2.5	0.2							200000=2.5/5/0.4
xai/grok-4.5	r			2	6	0.3							200000=4/12/0.6
xai/grok-4.6	r			2	6	0.5							200000=4/12/1
xai/grok-4.7	r			2	6	0.5							200000=4/12/1
"""

    private static let ai21: StaticString = """
j2-light	t	8192	8192	3	3
j2-mid	t	8192	8192	10	10
j2-ultra	t	8192	8192	15	15
jamba-1.5	c	256000	256000	0.2	0.4
jamba-1.5-large	c	256000	256000	2	8
jamba-1.5-large@001	c	256000	256000	2	8
jamba-1.5-mini	c	256000	256000	0.2	0.4
jamba-1.5-mini@001	c	256000	256000	0.2	0.4
jamba-large-1.6	c	256000	256000	2	8
jamba-large-1.7	c	256000	256000	2	8
jamba-mini-1.6	c	256000	256000	0.2	0.4
jamba-mini-1.7	c	256000	256000	0.2	0.4
"""

    private static let meta_llama: StaticString = """
Llama-3.3-70B-Instruct	c	128000	4028
Llama-3.3-8B-Instruct	c	128000	4028
Llama-4-Maverick-17B-128E-Instruct-FP8	c	1000000	4028
Llama-4-Scout-17B-16E-Instruct-FP8	c	10000000	4028
"""

    private static let moonshot: StaticString = """
kimi-k2.5	c	262144	262144	0.6	3	0.1
kimi-k2.6	c	262144	262144	0.95	4	0.16
kimi-k2.7-code	c	262144	262144	0.95	4	0.19
kimi-k3	c	1048576	1048576	3	15	0.3	3	6
kimi-k3.1-pro	c	1048576	1048576	2	10	0.2	2	4
moonshot-v1-128k	c	131072	131072	2	5
moonshot-v1-128k-vision-preview	c	131072	131072	2	5
moonshot-v1-32k	c	32768	32768	1	3
moonshot-v1-32k-vision-preview	c	32768	32768	1	3
moonshot-v1-8k	c	8192	8192	0.2	2
moonshot-v1-8k-vision-preview	c	8192	8192	0.2	2
moonshot-v1-auto	c	131072	131072	2	5
"""

    private static let dashscope: StaticString = """
deepseek-v4-flash	c	1000000	393216	0.2	0.4	0.04
deepseek-v4-flash-0731	c	1000000	393216	0.2	0.4	0.04
deepseek-v4-pro	c	1000000	393216	2.4	4.8	0.2
glm-5.1	c	202745	131072	1.4	4.4	0.26
glm-5.2	c	1048576	131072	1.4	4.4	0.28
kimi-k2.7-code	c	229376	16384	0.95	4	0.19
qwen-coder	c	1000000	16384	0.3	1.5
qwen-flash	c	997952	32768	0.05	0.4								256000=0.25/2
qwen-flash-2025-07-28	c	997952	32768	0.05	0.4								256000=0.25/2
qwen-max	c	30720	8192	1.6	6.4
qwen-plus	c	129024	16384	0.4	1.2
qwen-plus-2025-01-25	c	129024	8192	0.4	1.2
qwen-plus-2025-04-28	c	129024	16384	0.4	1.2				4
qwen-plus-2025-07-14	c	129024	16384	0.4	1.2				4
qwen-plus-2025-07-28	c	997952	32768	0.4	1.2				4				256000=1.2/3.6////12
qwen-plus-2025-09-11	c	997952	32768	0.4	1.2				4				256000=1.2/3.6////12
qwen-plus-latest	c	997952	32768	0.4	1.2				4				256000=1.2/3.6////12
qwen-turbo	c	129024	16384	0.05	0.2				0.5
qwen-turbo-2024-11-01	c	1000000	8192	0.05	0.2
qwen-turbo-2025-04-28	c	1000000	16384	0.05	0.2				0.5
qwen-turbo-latest	c	1000000	16384	0.05	0.2				0.5
qwen3-30b-a3b	c	129024	16384
qwen3-coder-flash	c	997952	65536	0.3	1.5	0.08							32000=0.5/2.5/0.12;128000=0.8/4/0.2;256000=1.6/9.6/0.4
qwen3-coder-flash-2025-07-28	c	997952	65536	0.3	1.5								32000=0.5/2.5;128000=0.8/4;256000=1.6/9.6
qwen3-coder-plus	c	997952	65536	1	5	0.1							32000=1.8/9/0.18;128000=3/15/0.3;256000=6/60/0.6
qwen3-coder-plus-2025-07-22	c	997952	65536	1	5								32000=1.8/9;128000=3/15;256000=6/60
qwen3-max	c	258048	65536	1.2	6								32000=2.4/12;128000=3/15
qwen3-max-2026-01-23	c	258048	65536	1.2	6								32000=2.4/12;128000=3/15
qwen3-max-preview	c	258048	65536	1.2	6								32000=2.4/12;128000=3/15
qwen3-next-80b-a3b-instruct	c	262144	65536	0.15	1.2
qwen3-next-80b-a3b-thinking	c	262144	65536	0.15	1.2
qwen3-vl-235b-a22b-instruct	c	131072	32768	0.4	1.6
qwen3-vl-235b-a22b-thinking	c	131072	32768	0.4	4
qwen3-vl-32b-instruct	c	131072	32768	0.16	0.64
qwen3-vl-32b-thinking	c	131072	32768	0.16	2.87
qwen3-vl-plus	c	260096	32768	0.2	1.6								32000=0.3/2.4;128000=0.6/4.8
qwen3.5-plus	c	991808	65536	0.4	2.4								256000=0.5/3
qwen3.7-max	c	991808	65536	2.5	7.5	0.5	3.125
qwen3.7-plus	c	991808	65536	0.4	1.6	0.08							256000=1.2/4.8/0.24
qwen3.8-flash	c	991808	131072	0.15	0.47	0.016	0.2
qwen3.8-max	c	991808	131072	2	6	0.25
qwen3.8-omni-flash	c	991808	131072	0.15	0.47	0.016
qwq-plus	c	98304	8192	0.8	2.4
"""

    private static let qwencloud: StaticString = """
deepseek-v4-flash	c	1000000	393216	0.2	0.4	0.04
deepseek-v4-flash-0731	c	1000000	393216	0.2	0.4	0.04
deepseek-v4-pro	c	1000000	393216	2.4	4.8	0.2
glm-5.1	c	202745	131072	1.4	4.4	0.26
glm-5.2	c	1048576	131072	1.4	4.4	0.28
kimi-k2.7-code	c	229376	16384	0.95	4	0.19
qwen-coder	c	1000000	16384	0.3	1.5
qwen-flash	c	997952	32768	0.05	0.4								256000=0.25/2
qwen-flash-2025-07-28	c	997952	32768	0.05	0.4								256000=0.25/2
qwen-max	c	30720	8192	1.6	6.4
qwen-plus	c	129024	16384	0.4	1.2
qwen-plus-2025-01-25	c	129024	8192	0.4	1.2
qwen-plus-2025-04-28	c	129024	16384	0.4	1.2				4
qwen-plus-2025-07-14	c	129024	16384	0.4	1.2				4
qwen-plus-2025-07-28	c	997952	32768	0.4	1.2				4				256000=1.2/3.6////12
qwen-plus-2025-09-11	c	997952	32768	0.4	1.2				4				256000=1.2/3.6////12
qwen-plus-latest	c	997952	32768	0.4	1.2				4				256000=1.2/3.6////12
qwen-turbo	c	129024	16384	0.05	0.2				0.5
qwen-turbo-2024-11-01	c	1000000	8192	0.05	0.2
qwen-turbo-2025-04-28	c	1000000	16384	0.05	0.2				0.5
qwen-turbo-latest	c	1000000	16384	0.05	0.2				0.5
qwen3-30b-a3b	c	129024	16384
qwen3-coder-flash	c	997952	65536	0.3	1.5	0.08							32000=0.5/2.5/0.12;128000=0.8/4/0.2;256000=1.6/9.6/0.4
qwen3-coder-flash-2025-07-28	c	997952	65536	0.3	1.5								32000=0.5/2.5;128000=0.8/4;256000=1.6/9.6
qwen3-coder-plus	c	997952	65536	1	5	0.1							32000=1.8/9/0.18;128000=3/15/0.3;256000=6/60/0.6
qwen3-coder-plus-2025-07-22	c	997952	65536	1	5								32000=1.8/9;128000=3/15;256000=6/60
qwen3-max	c	258048	65536	1.2	6								32000=2.4/12;128000=3/15
qwen3-max-2026-01-23	c	258048	65536	1.2	6								32000=2.4/12;128000=3/15
qwen3-max-preview	c	258048	65536	1.2	6								32000=2.4/12;128000=3/15
qwen3-next-80b-a3b-instruct	c	262144	65536	0.15	1.2
qwen3-next-80b-a3b-thinking	c	262144	65536	0.15	1.2
qwen3-vl-235b-a22b-instruct	c	131072	32768	0.4	1.6
qwen3-vl-235b-a22b-thinking	c	131072	32768	0.4	4
qwen3-vl-32b-instruct	c	131072	32768	0.16	0.64
qwen3-vl-32b-thinking	c	131072	32768	0.16	2.87
qwen3-vl-plus	c	260096	32768	0.2	1.6								32000=0.3/2.4;128000=0.6/4.8
qwen3.5-plus	c	991808	65536	0.4	2.4								256000=0.5/3
qwen3.7-max	c	991808	65536	2.5	7.5	0.5	3.125
qwen3.7-plus	c	991808	65536	0.4	1.6	0.08							256000=1.2/4.8/0.24
qwen3.8-max	c	991808	131072	2	6	0.25
qwq-plus	c	98304	8192	0.8	2.4
"""

    private static let zai: StaticString = """
glm-4-32b-0414-128k	c	128000	32000	0.1	0.1
glm-4.5	c	128000	32000	0.6	2.2
glm-4.5-air	c	128000	32000	0.2	1.1
glm-4.5-airx	c	128000	32000	1.1	4.5
glm-4.5-flash	c	128000	32000
glm-4.5-x	c	128000	32000	2.2	8.9
glm-4.5v	c	128000	32000	0.6	1.8
glm-4.6	c	200000	128000	0.6	2.2	0.11	0
glm-4.7	c	200000	128000	0.6	2.2	0.11	0
glm-4.7-flash	c	200000	128000
glm-5	c	200000	128000	1	3.2	0.2	0
glm-5-code	c	200000	128000	1.2	5	0.3	0
glm-5.1	c	200000	128000	1.4	4.4	0.26	0
glm-5.2	c	1000000	128000	1.4	4.4	0.26	0
glm-5.3	c	1000000	128000	1.4	4.4	0.26	0
glm-5.3-flash	c	1048576	128000	0.15	0.5	0.03	0
glm-5v-turbo	c	200000	128000	1.2	4	0.24
"""

    private static let bigmodel: StaticString = """
glm-5.3	c	1000000	128000	1.142857143	4	0.285714286
glm-5.3-flash	c	1000000	128000	0.114285715	0.4	0.032857143
glm-5.3-flashx	c	1000000	128000	0.285714286	1	0.081428572
"""

    private static let minimax: StaticString = """
MiniMax-M2	c	200000	8192	0.3	1.2	0.03	0.375
MiniMax-M2.1	c	1000000	8192	0.3	1.2	0.03	0.375
MiniMax-M2.1-lightning	c	1000000	8192	0.3	2.4	0.03	0.375
MiniMax-M2.5	c	1000000	8192	0.3	1.2	0.03	0.375
MiniMax-M2.5-lightning	c	1000000	8192	0.3	2.4	0.03	0.375
MiniMax-M3	c	1000000	128000	0.3	1.2	0.06							512000=0.6/2.4/0.12
"""

    private static let volcengine: StaticString = """
deepseek-v3-2-251201	c	98304	32768
doubao-embedding	e	4096
doubao-embedding-large	e	4096
doubao-embedding-large-text-240915	e	4096
doubao-embedding-large-text-250515	e	4096
doubao-embedding-text-240715	e	4096
doubao-seed-2-0-code-preview-260215	c	256000	128000	0.46	2.3								32000=0.7/3.5;128000=1.4/7
doubao-seed-2-0-lite-260215	c	256000	128000	0.087	0.52								32000=0.13/0.78;128000=0.26/1.6
doubao-seed-2-0-mini-260215	c	256000	128000	0.029	0.29								32000=0.058/0.58;128000=0.12/1.2
doubao-seed-2-0-pro-260215	c	256000	128000	0.46	2.3								32000=0.7/3.5;128000=1.4/7
doubao-seed-2-1-lite-260915	c	1024000	256000	0.115	0.388126	0.023				1.725
doubao-seed-2-1-pro-260628	c	256000	256000	0.8625	4.3125	0.1725
doubao-seed-2-1-pro-260915	c	1024000	256000	0.8625	4.3125	0.1725
doubao-seed-2-1-turbo-260628	c	256000	256000	0.43125	2.15625	0.08625
glm-4-7-251222	c	204800	131072
kimi-k2-thinking-251104	c	229376	32768
"""

    private static let tencent: StaticString = """
deepseek-v4-flash	c	1000000	384000	0.14	0.28	0.0028	0
deepseek-v4-pro	c	1000000	384000	1.74	3.48	0.145	0
deepseek-v4-pro-0813	c	1000000	384000	1.32	3.96	0.044	0
deepseek-v4.1-flash	c	1000000	384000	0.3	1.2	0.006	0
glm-5.2	c	1000000	128000	1.4	4.4	0.26	0
glm-5.3	c	1000000	128000	1.4	4.4	0.26	0
glm-5.3-flash	c	1000000	128000	0.15	0.5	0.03	0
glm-5.3-flashx	c	1000000	128000	0.37	1.25	0.075	0
kimi-k2.7-code	c	256000	256000	0.95	4	0.19	0
kimi-k2.7-code-highspeed	c	256000	256000	1.9	8	0.38	0
kimi-k2.8-preview	c	1000000	1000000	1	4	0.25	0
kimi-k3	c	1000000	1000000	3	15	0.3	0
minimax-m3	c	1000000		0.3	1.2	0.06	0
"""

    private static let xiaomi_mimo: StaticString = """
mimo-v2.6-flash	c	1048576	131072	0.14	0.28	0.0028
mimo-v2.6-pro	c	1048576	131072	0.435	0.87	0.0036
"""

    private static let inception: StaticString = """
mercury-2	c	128000	50000	0.25	0.75	0.025
mercury-2.5	c	260000	65536	0.2	0.75	0.02
mercury-edit-2	t	32000	8192	0.25	0.75	0.025
"""

    private static let sarvam: StaticString = """
sarvam-m	c	8192	32000
"""

    private static let morph: StaticString = """
morph-dsv41flash	c	1048576	1048576	0.12	0.8	0.008
morph-dsv41flash-1017	c	1048576	1048576	0.12	0.8	0.008
morph-dsv41flash-abliterated	c	1048576	1048576	0.3	1.2	0.03
morph-dsv4flash	c	1048576	1048576	0.141953125	0.399625	0.0359375
morph-glm53-744b	c	1048576	1048576	1.19	6	0.1955
morph-glm53flash	c	1048576	1048576	0.2	0.7	0.04
morph-kimik3	c	1048576	1048576	2.5	14	0.29
morph-kimik3-fast	c	1048576	1048576	6	22.5	0.6
morph-v3-fast	c	16000	16000	0.8	1.2
morph-v3-large	c	16000	16000	0.9	1.9
"""

    private static let v0: StaticString = """
v0-1.0-md	c	128000	128000	3	15
v0-1.5-lg	c	512000	512000	15	75
v0-1.5-md	c	128000	128000	3	15
"""

    private static let groq: StaticString = """
llama-guard-3-8b	c	8192	8192	0.2	0.2
meta-llama/llama-prompt-guard-2-22m	c	512	512	0.03	0.03
meta-llama/llama-prompt-guard-2-86m	c	512	512	0.04	0.04
openai/gpt-oss-120b	c	131072	65536	0.15	0.6	0.075
openai/gpt-oss-20b	c	131072	65536	0.075	0.3	0.0375
openai/gpt-oss-safeguard-20b	c	131072	65536	0.075	0.3	0.037
qwen/qwen3.8-27b	c	131072	16384	0.8	4
"""

    private static let together_ai: StaticString = """
BAAI/bge-base-en-v1.5	e	512		0.008	0
MiniMaxAI/MiniMax-M2.7	c	196608		0.3	1.2	0.06
MiniMaxAI/MiniMax-M3	c	524288	524288	0.3	1.2	0.06
MiniMaxAI/MiniMax-M3.1-Flash	c	1048576	1048576	0.15	0.6	0.015
NousResearch/Nous-Hermes-2-Mixtral-8x7B-DPO	c	32768	32768	0.6	0.6
Prism-ML/Ternary-Bonsai-27B	c	262144	262144
Qwen/QwQ-32B	c	131072	131072	1.2	1.2
Qwen/Qwen2-1.5B-Instruct	c	32768	32768	0.02	0.02
Qwen/Qwen2-72B-Instruct	c	32768	32768	0.9	0.9
Qwen/Qwen2-VL-72B-Instruct	c	32768	32768	1.2	1.2
Qwen/Qwen2.5-14B-Instruct	c	32768	32768	0.8	0.8
Qwen/Qwen2.5-72B-Instruct	c	32768	32768	1.2	1.2
Qwen/Qwen2.5-72B-Instruct-Turbo	c	131072	131072	1.2	1.2
Qwen/Qwen2.5-7B-Instruct-Turbo	c	32768		0.3	0.3
Qwen/Qwen2.5-Coder-32B-Instruct	c	16384	16384	0.8	0.8
Qwen/Qwen2.5-VL-72B-Instruct	c	32768	32768	1.95	8
Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8	c	262144	262144	2	2
Qwen/Qwen3-Coder-Next-FP8	c	262144	262144	0.5	1.2
Qwen/Qwen3-Next-80B-A3B-Instruct	c	262144	262144	0.15	1.5
Qwen/Qwen3-Next-80B-A3B-Thinking	c	262144	262144	0.15	1.5
Qwen/Qwen3-VL-32B-Instruct	c	262144	262144	0.5	1.5
Qwen/Qwen3-VL-8B-Instruct	c	262144	262144	0.18	0.68
Qwen/Qwen3.5-397B-A17B	c	262144	262144	0.6	3.6	0.35
Qwen/Qwen3.5-9B	c	262144	262144	0.17	0.25
Qwen/Qwen3.6-Plus	c	1000000	1000000	0.5	3
Qwen/Qwen3.7-Max	c	1000000	1000000	1.5	4.5	0.3
Qwen/Qwen3.7-Plus	c	1000000	1000000	0.32	1.28
Qwen/Qwen3.8-2.4T-A95B	c	1010000	1010000	2	6	0.25
Qwen/Qwen3.8-Flash	c	1000000	1000000	0.15	0.47
arcee-ai/trinity-mini	c	128000	128000	0.045	0.15
arize-ai/qwen-2-1.5b-instruct	c	32768	32768	0.1	0.1
deepseek-ai/DeepSeek-R1-0528	c	163840		3	7
deepseek-ai/DeepSeek-R1-Distill-Llama-70B	c	131072	131072	2	2
deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B	c	131072	131072	0.18	0.18
deepseek-ai/DeepSeek-R1-Distill-Qwen-14B	c	131072	131072	1.6	1.6
deepseek-ai/DeepSeek-V3	c	65536	8192	1.25	1.25
deepseek-ai/DeepSeek-V3.1	c	131072	131072	0.6	1.7
deepseek-ai/DeepSeek-V4-Flash-0731	c	1048576	1048576	0.14	0.28	0.03
deepseek-ai/DeepSeek-V4-Pro-0813	c	1048576	1048576	1.32	3.96	0.13
deepseek-ai/DeepSeek-V4.1-Flash	c	1048576	1048576	0.3	1.2	0.006
deepseek-ai/DeepSeek-V4.1-Flash-1017	c	1048576	1048576	0.3	1.2	0.006
deepseek-ai/deepseek-coder-33b-instruct	c	16384	16384	0.8	0.8
google/gemma-2-27b-it	c	8192	8192	0.8	0.8
google/gemma-4-31B-it	c	262144	262144	0.39	0.97
meta-llama/Llama-3-8b-chat-hf	c	8192	8192	0.2	0.2
meta-llama/Llama-3.1-405B-Instruct	c	4096	4096	3.5	3.5
meta-llama/Llama-3.2-1B-Instruct	c	131072	131072	0.06	0.06
meta-llama/Llama-3.2-3B-Instruct	c	131072	131072	0.06	0.06
meta-llama/Llama-3.3-70B-Instruct-Turbo	c	131072	131072	1.04	1.04
meta-llama/Llama-4-Scout-17B-16E-Instruct	c	1048576	1048576	0.18	0.59
meta-llama/Meta-Llama-3-70B-Instruct-Turbo	c	8192	8192	0.88	0.88
meta-llama/Meta-Llama-3-8B-Instruct	c	8192	8192	0.2	0.2
meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo	c	131072	131072	0.88	0.88
meta-llama/Meta-Llama-3.1-8B	t	16384	16384	0.2	0.2
meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo	c	131072	131072	0.18	0.18
meta-models/Muse-Glimmer-30B	c	131072	131072	0.35	1.5	0.04
meta-models/Muse-Spark-Open-816B-A42B	c	1048576	1048576	1.25	4.25	0.15
mistralai/Ministral-3-14B-Instruct-2512	c	262144		0.2	0.2
mistralai/Mistral-7B-Instruct-v0.1	c	32768	32768	0.2	0.2
mistralai/Mistral-7B-Instruct-v0.3	c	32768		0.2	0.2
mistralai/Mistral-Small-24B-Instruct-2501	c	32768	32768	0.1	0.3
mistralai/Mixtral-8x7B-Instruct-v0.1	c	32768	32768	0.6	0.6
moonshotai/Kimi-K2-Instruct	c			1	3
moonshotai/Kimi-K2.5-fp4	c	262144		0.5	2.8
moonshotai/Kimi-K2.6	c	262144	262144	1.2	4.5	0.2
moonshotai/Kimi-K2.7-Code	c	262144	262144	0.95	4	0.19
moonshotai/Kimi-K3	c	1048576	1048576	3	15	0.3
nvidia/Llama-3.1-Nemotron-70B-Instruct-HF	c	32768	32768	0.88	0.88
nvidia/NVIDIA-Nemotron-3.5-Super-VL	c	262144	262144	0.15	0.5	0.02
nvidia/NVIDIA-Nemotron-Nano-9B-v2	c	131072		0.06	0.25
nvidia/nemotron-3-ultra-550b-a55b	c	512288	512288	0.6	3.6	0.2
openai/gpt-oss-120b	c	131072	131072	0.15	0.6
openai/gpt-oss-20b	c	131072	131072	0.05	0.2
reflection/Beam-1.0-501B-A23B	c	1048576	1048576	0.4	1.2	0.04
thinkingmachines/Inkling	c	524288	524288	1	4.05	0.17
together-ai-21.1b-41b	c			0.8	0.8
together-ai-4.1b-8b	c			0.2	0.2
together-ai-41.1b-80b	c			0.9	0.9
together-ai-8.1b-21b	c	1000	1000	0.3	0.3
together-ai-81.1b-110b	c			1.8	1.8
together-ai-embedding-151m-to-350m	e			0.016	0
together-ai-embedding-up-to-150m	e			0.008	0
together-ai-up-to-4b	c			0.1	0.1
together/Tev1-4B-experimental	c	32768		0.042	0
togethercomputer/CodeLlama-34b-Instruct	c
zai-org/GLM-4.5-Air-FP8	c	131072	131072	0.2	1.1
zai-org/GLM-4.6	c	202752	202752	0.6	2.2
zai-org/GLM-4.7	c	202752	202752	0.45	2
zai-org/GLM-5	c	202752	202752	1	3.2
zai-org/GLM-5.1	c	202752	202752	1.4	4.4	0.26
zai-org/GLM-5.2	c	1048575	128000	1.4	4.4	0.26
zai-org/GLM-5.3	c	1048575	128000	1.4	4.4	0.26
zai-org/GLM-5.3-Flash	c	1048575	128000	0.15	0.5	0.03
"""

    private static let fireworks_ai: StaticString = """
WhereIsAI/UAE-Large-V1	e	512		0.016	0
accounts/fireworks/models/chronos-hermes-13b-v2	c	4096	4096	0.2	0.2
accounts/fireworks/models/code-llama-13b	c	16384	16384	0.2	0.2
accounts/fireworks/models/code-llama-13b-instruct	c	16384	16384	0.2	0.2
accounts/fireworks/models/code-llama-13b-python	c	16384	16384	0.2	0.2
accounts/fireworks/models/code-llama-34b	c	16384	16384	0.9	0.9
accounts/fireworks/models/code-llama-34b-instruct	c	16384	16384	0.9	0.9
accounts/fireworks/models/code-llama-34b-python	c	16384	16384	0.9	0.9
accounts/fireworks/models/code-llama-70b	c	4096	4096	0.9	0.9
accounts/fireworks/models/code-llama-70b-instruct	c	4096	4096	0.9	0.9
accounts/fireworks/models/code-llama-70b-python	c	4096	4096	0.9	0.9
accounts/fireworks/models/code-llama-7b	c	16384	16384	0.2	0.2
accounts/fireworks/models/code-llama-7b-instruct	c	16384	16384	0.2	0.2
accounts/fireworks/models/code-llama-7b-python	c	16384	16384	0.2	0.2
accounts/fireworks/models/code-qwen-1p5-7b	c	65536	65536	0.2	0.2
accounts/fireworks/models/codegemma-2b	c	8192	8192	0.1	0.1
accounts/fireworks/models/codegemma-7b	c	8192	8192	0.2	0.2
accounts/fireworks/models/cogito-671b-v2-p1	c	163840	163840	1.2	1.2
accounts/fireworks/models/cogito-v1-preview-llama-3b	c	131072	131072	0.1	0.1
accounts/fireworks/models/cogito-v1-preview-llama-70b	c	131072	131072	0.9	0.9
accounts/fireworks/models/cogito-v1-preview-llama-8b	c	131072	131072	0.2	0.2
accounts/fireworks/models/cogito-v1-preview-qwen-14b	c	131072	131072	0.2	0.2
accounts/fireworks/models/cogito-v1-preview-qwen-32b	c	131072	131072	0.9	0.9
accounts/fireworks/models/dbrx-instruct	c	32768	32768	1.2	1.2
accounts/fireworks/models/deepseek-coder-1b-base	c	16384	16384	0.1	0.1
accounts/fireworks/models/deepseek-coder-33b-instruct	c	16384	16384	0.9	0.9
accounts/fireworks/models/deepseek-coder-7b-base	c	4096	4096	0.2	0.2
accounts/fireworks/models/deepseek-coder-7b-base-v1p5	c	4096	4096	0.2	0.2
accounts/fireworks/models/deepseek-coder-7b-instruct-v1p5	c	4096	4096	0.2	0.2
accounts/fireworks/models/deepseek-coder-v2-instruct	c	65536	65536	1.2	1.2
accounts/fireworks/models/deepseek-coder-v2-lite-base	c	163840	163840	0.5	0.5
accounts/fireworks/models/deepseek-coder-v2-lite-instruct	c	163840	163840	0.5	0.5
accounts/fireworks/models/deepseek-prover-v2	c	163840	163840	1.2	1.2
accounts/fireworks/models/deepseek-r1	c	163840	20480	3	8
accounts/fireworks/models/deepseek-r1-0528	c	163840	160000	3	8
accounts/fireworks/models/deepseek-r1-0528-distill-qwen3-8b	c	131072	131072	0.2	0.2
accounts/fireworks/models/deepseek-r1-basic	c	163840	20480	0.55	2.19
accounts/fireworks/models/deepseek-r1-distill-llama-70b	c	131072	131072	0.9	0.9
accounts/fireworks/models/deepseek-r1-distill-llama-8b	c	131072	131072	0.2	0.2
accounts/fireworks/models/deepseek-r1-distill-qwen-14b	c	131072	131072	0.2	0.2
accounts/fireworks/models/deepseek-r1-distill-qwen-1p5b	c	131072	131072	0.1	0.1
accounts/fireworks/models/deepseek-r1-distill-qwen-32b	c	131072	131072	0.9	0.9
accounts/fireworks/models/deepseek-r1-distill-qwen-7b	c	131072	131072	0.2	0.2
accounts/fireworks/models/deepseek-v2-lite-chat	c	163840	163840	0.5	0.5
accounts/fireworks/models/deepseek-v2p5	c	32768	32768	1.2	1.2
accounts/fireworks/models/deepseek-v3	c	131072	8192	0.9	0.9
accounts/fireworks/models/deepseek-v3-0324	c	163840	163840	0.9	0.9
accounts/fireworks/models/deepseek-v3p1	c	128000	8192	0.56	1.68
accounts/fireworks/models/deepseek-v3p1-terminus	c	128000	8192	0.56	1.68
accounts/fireworks/models/deepseek-v3p2	c	163840	163840	0.56	1.68
accounts/fireworks/models/deepseek-v4-flash	c	1048576	384000	0.14	0.28	0.028
accounts/fireworks/models/deepseek-v4-flash-0731	c	1048576	131072	0.22	0.66	0.007
accounts/fireworks/models/deepseek-v4-flash-vision-exp	c	1048576	1048576	0.22	0.66	0.007
accounts/fireworks/models/deepseek-v4-pro	c	1048576	131072	1.2	1.2	0.6
accounts/fireworks/models/deepseek-v4-pro-0813	c	1048576	131072	1.32	3.96	0.044
accounts/fireworks/models/deepseek-v4p1-flash	c	1048576	393216	0.3	1.2	0.006
accounts/fireworks/models/deepseek-v4p1-flash-1017	c	1048576	393216	0.3	1.2	0.006
accounts/fireworks/models/deepseek-v4p1-flash-1017-us	c	1048576	393216	0.45	1.8	0.009
accounts/fireworks/models/devstral-small-2505	c	131072	131072	0.9	0.9
accounts/fireworks/models/dobby-mini-unhinged-plus-llama-3-1-8b	c	131072	131072	0.2	0.2
accounts/fireworks/models/dobby-unhinged-llama-3-3-70b-new	c	131072	131072	0.9	0.9
accounts/fireworks/models/dolphin-2-9-2-qwen2-72b	c	131072	131072	0.9	0.9
accounts/fireworks/models/dolphin-2p6-mixtral-8x7b	c	32768	32768	0.5	0.5
accounts/fireworks/models/ember-1	c	1048576		3	15	0.3
accounts/fireworks/models/ernie-4p5-21b-a3b-pt	c	131072	4096	0.1	0.1
accounts/fireworks/models/ernie-4p5-300b-a47b-pt	c	131072	4096	0.1	0.1
accounts/fireworks/models/fare-20b	c	131072	131072	0.9	0.9
accounts/fireworks/models/firefunction-v1	c	32768	32768	0.5	0.5
accounts/fireworks/models/firefunction-v2	c	8192	8192	0.9	0.9
accounts/fireworks/models/firellava-13b	c	4096	4096	0.2	0.2
accounts/fireworks/models/firesearch-ocr-v6	c	8192	8192	0.2	0.2
accounts/fireworks/models/flux-1-dev	c	4096	4096	0.1	0.1
accounts/fireworks/models/flux-1-dev-controlnet-union	c	4096	4096	0.001	0.001
accounts/fireworks/models/flux-1-schnell	c	4096	4096	0.1	0.1
accounts/fireworks/models/gemma-2b-it	c	8192	8192	0.1	0.1
accounts/fireworks/models/gemma-3-27b-it	c	131072	131072	0.9	0.9
accounts/fireworks/models/gemma-7b	c	8192	8192	0.2	0.2
accounts/fireworks/models/gemma-7b-it	c	8192	8192	0.2	0.2
accounts/fireworks/models/gemma2-9b-it	c	8192	8192	0.2	0.2
accounts/fireworks/models/glm-4p5	c	131072	96000	0.55	2.19
accounts/fireworks/models/glm-4p5-air	c	131072	96000	0.22	0.88
accounts/fireworks/models/glm-4p5v	c	131072	131072	1.2	1.2
accounts/fireworks/models/glm-4p6	c	202752	202800	0.55	2.19
accounts/fireworks/models/glm-4p7	c	202752	202800	0.6	2.2	0.3
accounts/fireworks/models/glm-5p1	c	202752	131072	1.4	4.4	0.26
accounts/fireworks/models/glm-5p2	c	1048576	131072	1.4	4.4	0.14
accounts/fireworks/models/glm-5p3	c	1048576	128000	1.4	4.4	0.26
accounts/fireworks/models/glm-5p3-flash	c	1048576	1048576	0.15	0.5	0.03
accounts/fireworks/models/gpt-oss-120b	c	131072	32768	0.15	0.6	0.015
accounts/fireworks/models/gpt-oss-20b	c	131072	32768	0.07	0.3	0.035
accounts/fireworks/models/gpt-oss-safeguard-120b	c	131072	131072	1.2	1.2
accounts/fireworks/models/gpt-oss-safeguard-20b	c	131072	131072	0.5	0.5
accounts/fireworks/models/hermes-2-pro-mistral-7b	c	32768	32768	0.2	0.2
accounts/fireworks/models/inkling	c	1048576	1048576	1	4.05	0.17
accounts/fireworks/models/internvl3-38b	c	16384	16384	0.9	0.9
accounts/fireworks/models/internvl3-78b	c	16384	16384	0.9	0.9
accounts/fireworks/models/internvl3-8b	c	16384	16384	0.2	0.2
accounts/fireworks/models/kat-coder	c	262144	262144	0.9	0.9
accounts/fireworks/models/kat-dev-32b	c	131072	131072	0.9	0.9
accounts/fireworks/models/kat-dev-72b-exp	c	131072	131072	0.9	0.9
accounts/fireworks/models/kimi-k2-instruct	c	131072	16384	0.6	2.5
accounts/fireworks/models/kimi-k2-instruct-0905	c	262144	32768	0.6	2.5
accounts/fireworks/models/kimi-k2-thinking	c	262144	262144	0.6	2.5
accounts/fireworks/models/kimi-k2p5	c	262144	32768	0.6	3	0.1
accounts/fireworks/models/kimi-k2p6	c	262144	32768	0.95	4	0.16
accounts/fireworks/models/kimi-k2p7-code	c	262144	32768	0.95	4	0.19
accounts/fireworks/models/kimi-k3	c	1048576	131072	3	15	0.3
accounts/fireworks/models/llama-guard-2-8b	c	8192	8192	0.2	0.2
accounts/fireworks/models/llama-guard-3-1b	c	131072	131072	0.1	0.1
accounts/fireworks/models/llama-guard-3-8b	c	131072	131072	0.2	0.2
accounts/fireworks/models/llama-v2-13b	c	4096	4096	0.2	0.2
accounts/fireworks/models/llama-v2-13b-chat	c	4096	4096	0.2	0.2
accounts/fireworks/models/llama-v2-70b	c	4096	4096	0.1	0.1
accounts/fireworks/models/llama-v2-70b-chat	c	2048	2048	0.9	0.9
accounts/fireworks/models/llama-v2-7b	c	4096	4096	0.2	0.2
accounts/fireworks/models/llama-v2-7b-chat	c	4096	4096	0.2	0.2
accounts/fireworks/models/llama-v3-70b-instruct	c	8192	8192	0.9	0.9
accounts/fireworks/models/llama-v3-70b-instruct-hf	c	8192	8192	0.9	0.9
accounts/fireworks/models/llama-v3-8b	c	8192	8192	0.2	0.2
accounts/fireworks/models/llama-v3-8b-instruct-hf	c	8192	8192	0.2	0.2
accounts/fireworks/models/llama-v3p1-405b-instruct	c	131072	16384	3	3
accounts/fireworks/models/llama-v3p1-405b-instruct-long	c	4096	4096	0.1	0.1
accounts/fireworks/models/llama-v3p1-70b-instruct	c	131072	131072	0.9	0.9
accounts/fireworks/models/llama-v3p1-70b-instruct-1b	c	4096	4096	0.1	0.1
accounts/fireworks/models/llama-v3p1-8b-instruct	c	131072	16384	0.1	0.1
accounts/fireworks/models/llama-v3p1-nemotron-70b-instruct	c	131072	131072	0.9	0.9
accounts/fireworks/models/llama-v3p2-11b-vision-instruct	c	131072	16384	0.2	0.2
accounts/fireworks/models/llama-v3p2-1b	c	131072	131072	0.1	0.1
accounts/fireworks/models/llama-v3p2-1b-instruct	c	131072	16384	0.1	0.1
accounts/fireworks/models/llama-v3p2-3b	c	131072	131072	0.1	0.1
accounts/fireworks/models/llama-v3p2-3b-instruct	c	131072	16384	0.1	0.1
accounts/fireworks/models/llama-v3p2-90b-vision-instruct	c	131072	16384	0.9	0.9
accounts/fireworks/models/llama-v3p3-70b-instruct	c	131072	131072	0.9	0.9
accounts/fireworks/models/llama4-maverick-instruct-basic	c	131072	131072	0.22	0.88
accounts/fireworks/models/llama4-scout-instruct-basic	c	131072	131072	0.15	0.6
accounts/fireworks/models/llamaguard-7b	c	4096	4096	0.2	0.2
accounts/fireworks/models/llava-yi-34b	c	4096	4096	0.9	0.9
accounts/fireworks/models/minimax-m1-80k	c	4096	4096	0.1	0.1
accounts/fireworks/models/minimax-m2	c	196608	4096	0.3	1.2
accounts/fireworks/models/minimax-m2p1	c	196608	204800	0.3	1.2	0.03
accounts/fireworks/models/minimax-m2p7	c	196608	196608
accounts/fireworks/models/minimax-m3	c	512000	512000	0.3	1.2	0.06
accounts/fireworks/models/minimax-m3p1-flash	c	1048576	1048576	0.15	0.6	0.015
accounts/fireworks/models/ministral-3-14b-instruct-2512	c	256000	256000	0.2	0.2
accounts/fireworks/models/ministral-3-3b-instruct-2512	c	256000	256000	0.1	0.1
accounts/fireworks/models/ministral-3-8b-instruct-2512	c	256000	256000	0.2	0.2
accounts/fireworks/models/mistral-7b	c	32768	32768	0.2	0.2
accounts/fireworks/models/mistral-7b-instruct-4k	c	32768	32768	0.2	0.2
accounts/fireworks/models/mistral-7b-instruct-v0p2	c	32768	32768	0.2	0.2
accounts/fireworks/models/mistral-7b-instruct-v3	c	32768	32768	0.2	0.2
accounts/fireworks/models/mistral-7b-v0p2	c	32768	32768	0.2	0.2
accounts/fireworks/models/mistral-large-3-fp8	c	256000	256000	1.2	1.2
accounts/fireworks/models/mistral-nemo-base-2407	c	128000	128000	0.2	0.2
accounts/fireworks/models/mistral-nemo-instruct-2407	c	128000	128000	0.2	0.2
accounts/fireworks/models/mistral-small-24b-instruct-2501	c	32768	32768	0.9	0.9
accounts/fireworks/models/mixtral-8x22b	c	65536	65536	1.2	1.2
accounts/fireworks/models/mixtral-8x22b-instruct	c	65536	65536	1.2	1.2
accounts/fireworks/models/mixtral-8x22b-instruct-hf	c	65536	65536	1.2	1.2
accounts/fireworks/models/mixtral-8x7b	c	32768	32768	0.5	0.5
accounts/fireworks/models/mixtral-8x7b-instruct	c	32768	32768	0.5	0.5
accounts/fireworks/models/mixtral-8x7b-instruct-hf	c	32768	32768	0.5	0.5
accounts/fireworks/models/muse-glimmer-30b	c	131072	16384	0.35	1.5	0.04
accounts/fireworks/models/muse-spark-open	c	1048576		1.25	4.25	0.15
accounts/fireworks/models/mythomax-l2-13b	c	4096	4096	0.2	0.2
accounts/fireworks/models/nemotron-3-ultra-nvfp4	c	262144	32768	0.6	2.4	0.12
accounts/fireworks/models/nemotron-lightning-3p5-30b-a3b	c	262144	32768	0.05	0.2	0.01
accounts/fireworks/models/nemotron-nano-v2-12b-vl	c	131072	4096	0.1	0.1
accounts/fireworks/models/nous-capybara-7b-v1p9	c	32768	32768	0.2	0.2
accounts/fireworks/models/nous-hermes-2-mixtral-8x7b-dpo	c	32768	32768	0.5	0.5
accounts/fireworks/models/nous-hermes-2-yi-34b	c	4096	4096	0.9	0.9
accounts/fireworks/models/nous-hermes-llama2-13b	c	4096	4096	0.2	0.2
accounts/fireworks/models/nous-hermes-llama2-70b	c	4096	4096	0.9	0.9
accounts/fireworks/models/nous-hermes-llama2-7b	c	4096	4096	0.2	0.2
accounts/fireworks/models/nvidia-nemotron-nano-12b-v2	c	128000	131072	0.2	0.2
accounts/fireworks/models/nvidia-nemotron-nano-9b-v2	c	128000	131072	0.2	0.2
accounts/fireworks/models/openchat-3p5-0106-7b	c	8192	8192	0.2	0.2
accounts/fireworks/models/openhermes-2-mistral-7b	c	32768	32768	0.2	0.2
accounts/fireworks/models/openhermes-2p5-mistral-7b	c	32768	32768	0.2	0.2
accounts/fireworks/models/openorca-7b	c	32768	32768	0.2	0.2
accounts/fireworks/models/phi-2-3b	c	2048	2048	0.1	0.1
accounts/fireworks/models/phi-3-mini-128k-instruct	c	131072	131072	0.1	0.1
accounts/fireworks/models/phi-3-vision-128k-instruct	c	32064	32064	0.2	0.2
accounts/fireworks/models/phind-code-llama-34b-python-v1	c	16384	16384	0.9	0.9
accounts/fireworks/models/phind-code-llama-34b-v1	c	16384	16384	0.9	0.9
accounts/fireworks/models/phind-code-llama-34b-v2	c	16384	16384	0.9	0.9
accounts/fireworks/models/pythia-12b	c	2048	2048	0.2	0.2
accounts/fireworks/models/qwen-qwq-32b-preview	c	32768	32768	0.9	0.9
accounts/fireworks/models/qwen-v2p5-14b-instruct	c	32768	32768	0.2	0.2
accounts/fireworks/models/qwen-v2p5-7b	c	131072	131072	0.2	0.2
accounts/fireworks/models/qwen1p5-72b-chat	c	32768	32768	0.9	0.9
accounts/fireworks/models/qwen2-72b-instruct	c	32768	32768	0.9	0.9
accounts/fireworks/models/qwen2-7b-instruct	c	32768	32768	0.2	0.2
accounts/fireworks/models/qwen2-vl-2b-instruct	c	32768	32768	0.1	0.1
accounts/fireworks/models/qwen2-vl-72b-instruct	c	32768	32768	0.9	0.9
accounts/fireworks/models/qwen2-vl-7b-instruct	c	32768	32768	0.2	0.2
accounts/fireworks/models/qwen2p5-0p5b-instruct	c	32768	32768	0.1	0.1
accounts/fireworks/models/qwen2p5-14b	c	131072	131072	0.2	0.2
accounts/fireworks/models/qwen2p5-1p5b-instruct	c	32768	32768	0.1	0.1
accounts/fireworks/models/qwen2p5-32b	c	131072	131072	0.9	0.9
accounts/fireworks/models/qwen2p5-32b-instruct	c	32768	32768	0.9	0.9
accounts/fireworks/models/qwen2p5-72b	c	131072	131072	0.9	0.9
accounts/fireworks/models/qwen2p5-72b-instruct	c	32768	32768	0.9	0.9
accounts/fireworks/models/qwen2p5-7b-instruct	c	32768	32768	0.2	0.2
accounts/fireworks/models/qwen2p5-coder-0p5b	c	32768	32768	0.1	0.1
accounts/fireworks/models/qwen2p5-coder-0p5b-instruct	c	32768	32768	0.1	0.1
accounts/fireworks/models/qwen2p5-coder-14b	c	32768	32768	0.2	0.2
accounts/fireworks/models/qwen2p5-coder-14b-instruct	c	32768	32768	0.2	0.2
accounts/fireworks/models/qwen2p5-coder-1p5b	c	32768	32768	0.1	0.1
accounts/fireworks/models/qwen2p5-coder-1p5b-instruct	c	32768	32768	0.1	0.1
accounts/fireworks/models/qwen2p5-coder-32b	c	32768	32768	0.9	0.9
accounts/fireworks/models/qwen2p5-coder-32b-instruct	c	4096	4096	0.9	0.9
accounts/fireworks/models/qwen2p5-coder-32b-instruct-128k	c	131072	131072	0.9	0.9
accounts/fireworks/models/qwen2p5-coder-32b-instruct-32k-rope	c	32768	32768	0.9	0.9
accounts/fireworks/models/qwen2p5-coder-32b-instruct-64k	c	65536	65536	0.9	0.9
accounts/fireworks/models/qwen2p5-coder-3b	c	32768	32768	0.1	0.1
accounts/fireworks/models/qwen2p5-coder-3b-instruct	c	32768	32768	0.1	0.1
accounts/fireworks/models/qwen2p5-coder-7b	c	32768	32768	0.2	0.2
accounts/fireworks/models/qwen2p5-coder-7b-instruct	c	32768	32768	0.2	0.2
accounts/fireworks/models/qwen2p5-math-72b-instruct	c	4096	4096	0.9	0.9
accounts/fireworks/models/qwen2p5-vl-32b-instruct	c	128000	128000	0.9	0.9
accounts/fireworks/models/qwen2p5-vl-3b-instruct	c	128000	128000	0.2	0.2
accounts/fireworks/models/qwen2p5-vl-72b-instruct	c	128000	128000	0.9	0.9
accounts/fireworks/models/qwen2p5-vl-7b-instruct	c	128000	128000	0.2	0.2
accounts/fireworks/models/qwen3-0p6b	c	40960	40960	0.1	0.1
accounts/fireworks/models/qwen3-14b	c	40960	40960	0.2	0.2
accounts/fireworks/models/qwen3-1p7b	c	131072	131072	0.1	0.1
accounts/fireworks/models/qwen3-1p7b-fp8-draft	c	262144	262144	0.1	0.1
accounts/fireworks/models/qwen3-1p7b-fp8-draft-131072	c	131072	131072	0.1	0.1
accounts/fireworks/models/qwen3-1p7b-fp8-draft-40960	c	40960	40960	0.1	0.1
accounts/fireworks/models/qwen3-235b-a22b	c	131072	131072	0.22	0.88
accounts/fireworks/models/qwen3-235b-a22b-instruct-2507	c	262144	262144	0.22	0.88
accounts/fireworks/models/qwen3-235b-a22b-thinking-2507	c	262144	262144	0.22	0.88
accounts/fireworks/models/qwen3-30b-a3b	c	131072	131072	0.15	0.6
accounts/fireworks/models/qwen3-30b-a3b-instruct-2507	c	262144	262144	0.5	0.5
accounts/fireworks/models/qwen3-30b-a3b-thinking-2507	c	262144	262144	0.9	0.9
accounts/fireworks/models/qwen3-32b	c	131072	131072	0.9	0.9
accounts/fireworks/models/qwen3-4b	c	40960	40960	0.2	0.2
accounts/fireworks/models/qwen3-4b-instruct-2507	c	262144	262144	0.2	0.2
accounts/fireworks/models/qwen3-8b	c	40960	40960	0.2	0.2
accounts/fireworks/models/qwen3-coder-30b-a3b-instruct	c	262144	262144	0.15	0.6
accounts/fireworks/models/qwen3-coder-480b-a35b-instruct	c	262144	262144	0.45	1.8
accounts/fireworks/models/qwen3-coder-480b-instruct-bf16	c	262144	4096	0.9	0.9
accounts/fireworks/models/qwen3-embedding-0p6b	e	32768	32768
accounts/fireworks/models/qwen3-embedding-4b	e	40960	40960
accounts/fireworks/models/qwen3-embedding-8b	e	40960	40960	0.1	0
accounts/fireworks/models/qwen3-next-80b-a3b-instruct	c	4096	4096	0.9	0.9
accounts/fireworks/models/qwen3-next-80b-a3b-thinking	c	4096	4096	0.9	0.9
accounts/fireworks/models/qwen3-vl-235b-a22b-instruct	c	262144	262144	0.22	0.88
accounts/fireworks/models/qwen3-vl-235b-a22b-thinking	c	262144	262144	0.22	0.88
accounts/fireworks/models/qwen3-vl-30b-a3b-instruct	c	262144	262144	0.15	0.6
accounts/fireworks/models/qwen3-vl-30b-a3b-thinking	c	262144	262144	0.15	0.6
accounts/fireworks/models/qwen3-vl-32b-instruct	c	4096	4096	0.9	0.9
accounts/fireworks/models/qwen3-vl-8b-instruct	c	262144	4096	0.2	0.2
accounts/fireworks/models/qwen3p7-plus	c	262144	65536	0.4	1.6	0.08
accounts/fireworks/models/qwen3p8-max	c	262144		2	6	0.25
accounts/fireworks/models/qwq-32b	c	131072	131072	0.9	0.9
accounts/fireworks/models/rolm-ocr	c	128000	128000	0.2	0.2
accounts/fireworks/models/snorkel-mistral-7b-pairrm-dpo	c	32768	32768	0.2	0.2
accounts/fireworks/models/stablecode-3b	c	4096	4096	0.1	0.1
accounts/fireworks/models/starcoder-16b	c	8192	8192	0.2	0.2
accounts/fireworks/models/starcoder-7b	c	8192	8192	0.2	0.2
accounts/fireworks/models/starcoder2-15b	c	16384	16384	0.2	0.2
accounts/fireworks/models/starcoder2-3b	c	16384	16384	0.1	0.1
accounts/fireworks/models/starcoder2-7b	c	16384	16384	0.2	0.2
accounts/fireworks/models/toppy-m-7b	c	32768	32768	0.2	0.2
accounts/fireworks/models/ultramarine-1-flash-us	c	1048576	1048576	0.225	0.75	0.045
accounts/fireworks/models/yi-34b	c	4096	4096	0.9	0.9
accounts/fireworks/models/yi-34b-200k-capybara	c	200000	200000	0.9	0.9
accounts/fireworks/models/yi-34b-chat	c	4096	4096	0.9	0.9
accounts/fireworks/models/yi-6b	c	4096	4096	0.2	0.2
accounts/fireworks/models/yi-large	c	32768	32768	3	3
accounts/fireworks/models/zephyr-7b-beta	c	32768	32768	0.2	0.2
accounts/fireworks/routers/auto	c
accounts/fireworks/routers/auto-instant	c
accounts/fireworks/routers/deepseek-v4p1-flash-1017-spot	c	1048576	393216	0.21	0.84	0.0042
accounts/fireworks/routers/deepseek-v4p1-flash-spot	c	1048576	393216	0.21	0.84	0.0042
accounts/fireworks/routers/deepseek-v4p1-flash-us	c	1048576	393216	0.45	1.8	0.009
accounts/fireworks/routers/firerouter	c
accounts/fireworks/routers/glm-5p1-fast	c	202800	131072	2.8	8.8	0.52
accounts/fireworks/routers/glm-5p2-fast	c	1048576	131072	2.1	6.6	0.21
accounts/fireworks/routers/glm-5p2-fast-us	c	1048576	131072	2.1	6.6	0.21
accounts/fireworks/routers/glm-5p3-fast	c	1048576	1048576	2.1	6.6	0.39
accounts/fireworks/routers/glm-5p3-flash-us	c	1048576	1048576	0.225	0.75	0.045
accounts/fireworks/routers/glm-5p3-spot	c	1048576	128000	0.98	3.08	0.182
accounts/fireworks/routers/glm-5p3-us	c	1048576	128000	2.1	6.6	0.39
accounts/fireworks/routers/kimi-k2p6-fast	c	262144	32768	2	8	0.3
accounts/fireworks/routers/kimi-k2p7-code-fast	c	262144	32768	1.9	8	0.38
accounts/fireworks/routers/kimi-k3-fast	c	1048576	131072	4.5	22.5	0.45
accounts/fireworks/routers/kimi-k3-spot	c	1048576	131072	2.1	10.5	0.21
accounts/fireworks/routers/kimi-k3-us	c	1048576	131072	4.5	22.5	0.45
accounts/fireworks/routers/spot-deepseek-v4-flash	c	1048576	384000	0.105	0.21	0.021
deepseek-v4-flash	c	1048576	384000	0.14	0.28	0.028
deepseek-v4-flash-0731	c	1048576	131072	0.22	0.66	0.007
deepseek-v4-flash-vision-exp	c	1048576	1048576	0.22	0.66	0.007
deepseek-v4-pro-0813	c	1048576	131072	1.32	3.96	0.044
deepseek-v4p1-flash	c	1048576	393216	0.3	1.2	0.006
deepseek-v4p1-flash-us	c	1048576	393216	0.45	1.8	0.009
glm-4p7	c	202752	202800	0.6	2.2	0.3
glm-5p1	c	202752	131072	1.4	4.4	0.26
glm-5p1-fast	c	202800	131072	2.8	8.8	0.52
glm-5p2	c	1048576	131072	1.4	4.4	0.14
glm-5p2-fast	c	1048576	131072	2.1	6.6	0.21
glm-5p2-fast-us	c	1048576	131072	2.1	6.6	0.21
glm-5p3	c	1048576	128000	1.4	4.4	0.26
glm-5p3-fast	c	1048576	1048576	2.1	6.6	0.39
glm-5p3-flash	c	1048576	1048576	0.15	0.5	0.03
glm-5p3-flash-us	c	1048576	1048576	0.225	0.75	0.045
glm-5p3-us	c	1048576	128000	2.1	6.6	0.39
gpt-oss-120b	c	131072	32768	0.15	0.6	0.015
gpt-oss-20b	c	131072	32768	0.07	0.3	0.035
kimi-k2p5	c	262144	32768	0.6	3	0.1
kimi-k2p6	c	262144	32768	0.95	4	0.16
kimi-k2p6-fast	c	262144	32768	2	8	0.3
kimi-k2p7-code	c	262144	32768	0.95	4	0.19
kimi-k2p7-code-fast	c	262144	32768	1.9	8	0.38
kimi-k3	c	1048576	131072	3	15	0.3
kimi-k3-fast	c	1048576	131072	4.5	22.5	0.45
kimi-k3-us	c	1048576	131072	4.5	22.5	0.45
minimax-m2p1	c	196608	204800	0.3	1.2	0.03
minimax-m3	c	512000	512000	0.3	1.2	0.06
muse-glimmer-30b	c	131072	16384	0.35	1.5	0.04
nemotron-3-ultra-nvfp4	c	262144	32768	0.6	2.4	0.12
nemotron-lightning-3p5-30b-a3b	c	262144	32768	0.05	0.2	0.01
nomic-ai/nomic-embed-text-v1	e	8192		0.008	0
nomic-ai/nomic-embed-text-v1.5	e	8192		0.008	0
qwen3p7-plus	c	262144	65536	0.4	1.6	0.08
qwen3p8-max	c	262144		2	6	0.25
thenlper/gte-base	e	512		0.008	0
thenlper/gte-large	e	512		0.016	0
"""

    private static let cerebras: StaticString = """
gemma-4-31b	c	131072	40960	0.99	1.49
gpt-oss-120b	c	131072	32768	0.35	0.75
llama-3.1-70b	c	128000	128000	0.6	0.6
llama-3.1-8b	c	128000	128000	0.1	0.1
llama-3.3-70b	c	128000	128000	0.85	1.2
llama3.1-70b	c	128000	128000	0.6	0.6
llama3.1-8b	c	128000	128000	0.1	0.1
qwen-3-32b	c	128000	128000	0.4	0.8
qwen-3.8-27b	c	65536	32768	0.99	1.49
"""

    private static let sambanova: StaticString = """
DeepSeek-R1	c	32768	32768	5	7
DeepSeek-V3.1	c	131072	131072	3	4.5
DeepSeek-V3.2	c	32768	32768	3	4.5
Llama-4-Maverick-17B-128E-Instruct	c	131072	131072	0.63	1.8
Meta-Llama-3.3-70B-Instruct	c	131072	131072	0.6	1.2
MiniMax-M2.7	c	196608	131072	0.6	2.4
gemma-4-31B-it	c	131072	131072	0.38	1.15
gpt-oss-120b	c	131072	131072	0.22	0.59
"""

    private static let deepinfra: StaticString = """
ByteDance/Seed-1.8	c	256000	256000	0.25	2	0.05
ByteDance/Seed-2.0-code	c	256000	256000	0.5	3	0.1
ByteDance/Seed-2.0-mini	c	256000	256000	0.1	0.4	0.02
ByteDance/Seed-2.0-pro	c	256000	256000	0.5	3	0.1
Gryphe/MythoMax-L2-13b	c	4096	4096	0.4	0.4
MiniMaxAI/MiniMax-M2.7	c	196608	196608	0.25	1	0.05
MiniMaxAI/MiniMax-M2.7-Turbo	c	196608	196608	0.38	1.7	0.07
MiniMaxAI/MiniMax-M3	c	524288	524288	0.28	1.1	0.056
NousResearch/Hermes-3-Llama-3.1-405B	c	131072	131072	1	1
NousResearch/Hermes-3-Llama-3.1-70B	c	131072	131072	0.7	0.7
Qwen/QwQ-32B	c	131072	131072	0.15	0.4
Qwen/Qwen2.5-72B-Instruct	c	32768	32768	0.36	0.4
Qwen/Qwen2.5-7B-Instruct	c	32768	32768	0.04	0.1
Qwen/Qwen2.5-VL-32B-Instruct	c	128000	128000	0.2	0.6
Qwen/Qwen3-14B	c	40960	40960	0.12	0.24
Qwen/Qwen3-235B-A22B	c	40960	40960	0.18	0.54
Qwen/Qwen3-235B-A22B-Instruct-2507	c	262144	262144	0.09	0.55
Qwen/Qwen3-235B-A22B-Thinking-2507	c	262144	262144	0.3	2.9
Qwen/Qwen3-30B-A3B	c	40960	40960	0.12	0.5
Qwen/Qwen3-32B	c	40960	40960	0.08	0.28
Qwen/Qwen3-Coder-480B-A35B-Instruct	c	262144	262144	0.4	1.6
Qwen/Qwen3-Coder-480B-A35B-Instruct-Turbo	c	262144	262144	0.3	1	0.1
Qwen/Qwen3-Max	c	256000	256000	1.2	6	0.24
Qwen/Qwen3-Max-Thinking	c	256000	256000	1.2	6	0.24
Qwen/Qwen3-Next-80B-A3B-Instruct	c	262144	262144	0.09	1.1
Qwen/Qwen3-Next-80B-A3B-Thinking	c	262144	262144	0.14	1.4
Qwen/Qwen3-VL-235B-A22B-Instruct	c	262144	262144	0.2	0.88	0.11
Qwen/Qwen3-VL-30B-A3B-Instruct	c	262144	262144	0.15	0.6
Qwen/Qwen3.5-122B-A10B	c	262144	262144	0.29	2.4
Qwen/Qwen3.5-27B	c	262144	262144	0.26	2.6
Qwen/Qwen3.5-35B-A3B	c	262144	262144	0.14	1	0.05
Qwen/Qwen3.5-397B-A17B	c	262144	262144	0.45	3	0.22
Qwen/Qwen3.5-9B	c	262144	262144	0.1	0.15
Qwen/Qwen3.6-27B	c	262144	262144	0.32	3.2
Qwen/Qwen3.6-35B-A3B	c	262144	262144	0.1	0.95
Qwen/Qwen3.7-Max	c	256000	256000	2.5	7.5	0.5
Qwen/Qwen3.8-2.4T-A95B	c	262144	262144	2	6	0.2
Qwen/Qwen3.8-27B	c	262144	262144	0.4	3	0.04
Qwen/Qwen3.8-Max	c	256000	256000	1.65	4.951	0.206
Sao10K/L3-8B-Lunaris-v1-Turbo	c	8192	8192	0.04	0.05
Sao10K/L3.1-70B-Euryale-v2.2	c	131072	131072	0.85	0.85
Sao10K/L3.3-70B-Euryale-v2.3	c	131072	131072	0.65	0.75
XiaomiMiMo/MiMo-V2.5	c	262144	262144	0.4	2	0.08
XiaomiMiMo/MiMo-V2.5-Pro	c	1048576	1048576	1	3	0.2
allenai/olmOCR-7B-0725-FP8	c	16384	16384	0.27	1.5
anthropic/claude-3-7-sonnet-latest	c	200000	200000	3.3	16.5	0.33
anthropic/claude-4-opus	c	200000	200000	16.5	82.5
anthropic/claude-4-sonnet	c	200000	200000	3.3	16.5
anthropic/claude-fable-5	c	1000000	1000000	10	50
anthropic/claude-haiku-4-5	c	200000	200000	1	5
anthropic/claude-opus-4-7	c	1000000	1000000	5	25
anthropic/claude-opus-4-8	c	1000000	1000000	5	25
anthropic/claude-opus-5	c	1000000	1000000	5	25
anthropic/claude-sonnet-4-6	c	1000000	1000000	3	15
anthropic/claude-sonnet-5	c	1000000	1000000	2	10
deepseek-ai/DeepSeek-R1	c	163840	163840	0.7	2.4
deepseek-ai/DeepSeek-R1-0528	c	163840	163840	0.5	2.15	0.4
deepseek-ai/DeepSeek-R1-0528-Turbo	c	32768	32768	1	3
deepseek-ai/DeepSeek-R1-Distill-Llama-70B	c	131072	131072	0.2	0.6
deepseek-ai/DeepSeek-R1-Distill-Qwen-32B	c	131072	131072	0.27	0.27
deepseek-ai/DeepSeek-R1-Turbo	c	40960	40960	1	3
deepseek-ai/DeepSeek-V3	c	163840	163840	0.32	0.89
deepseek-ai/DeepSeek-V3-0324	c	163840	163840	0.24	0.9	0.135
deepseek-ai/DeepSeek-V3.1	c	163840	163840	0.25	0.95	0.216
deepseek-ai/DeepSeek-V3.1-Terminus	c	163840	163840	0.27	1	0.216
deepseek-ai/DeepSeek-V3.2	c	163840	163840	0.26	0.38	0.13
deepseek-ai/DeepSeek-V4-Flash	c	1048576	1048576	0.09	0.18	0.018
deepseek-ai/DeepSeek-V4-Flash-0731	c	1048576	1048576	0.08	0.18	0.016
deepseek-ai/DeepSeek-V4-Pro	c	1048576	1048576	1.3	2.6	0.1
deepseek-ai/DeepSeek-V4-Pro-0813	c	1048576	1048576	1.3	2.6	0.1
deepseek-ai/DeepSeek-V4.1-Flash	c	1048576	131072	0.14	0.42	0.0042
deepseek-ai/DeepSeek-V4.1-Flash-1017	c	1048576	131072	0.14	0.42	0.0042
google/gemini-2.5-flash	c	1000000	1000000	0.3	2.5
google/gemini-2.5-pro	c	1000000	1000000	1.25	10
google/gemini-3.1-flash-lite	c	1000000	1000000	0.25	1.5
google/gemini-3.1-pro	c	1000000	1000000	2	12
google/gemini-3.5-flash	c	1000000	1000000	1.5	9
google/gemini-3.7-flash	c	1000000	1000000	0.75	3.75
google/gemma-3-12b-it	c	131072	131072	0.05	0.15
google/gemma-3-27b-it	c	131072	131072	0.08	0.16
google/gemma-3-4b-it	c	131072	131072	0.05	0.1
google/gemma-4-26B-A4B-it	c	262144	262144	0.07	0.34
google/gemma-4-31B-it	c	262144	262144	0.13	0.38
google/gemma-4-31B-it-Ultra	c	131072	131072	0.27	0.76
google/gemma-4-31B-it-turbo	c	262144	262144	0.09	0.34	0.05
google/gemma-4-E4B-it	c	131072	131072	0.02	0.1
inclusionAI/Ling-3.0-flash	c	131072	131072	0.06	0.18	0.012
meta-llama/Llama-3.2-11B-Vision-Instruct	c	131072	131072	0.049	0.049
meta-llama/Llama-3.2-3B-Instruct	c	131072	131072	0.02	0.02
meta-llama/Llama-3.3-70B-Instruct	c	131072	131072	0.23	0.4
meta-llama/Llama-3.3-70B-Instruct-Turbo	c	131072	131072	0.1	0.32
meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8	c	1048576	1048576	0.2	0.8
meta-llama/Llama-4-Scout-17B-16E-Instruct	c	327680	327680	0.1	0.3
meta-llama/Llama-Guard-3-8B	c	131072	131072	0.055	0.055
meta-llama/Llama-Guard-4-12B	c	163840	163840	0.18	0.18
meta-llama/Meta-Llama-3-8B-Instruct	c	8192	8192	0.03	0.06
meta-llama/Meta-Llama-3.1-70B-Instruct	c	131072	131072	0.4	0.4
meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo	c	131072	131072	0.4	0.4
meta-llama/Meta-Llama-3.1-8B-Instruct	c	131072	131072	0.03	0.05
meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo	c	131072	131072	0.02	0.04
meta-models/Muse-Glimmer-30B	c	131072	131072	0.3	1.2	0.04
microsoft/WizardLM-2-8x22B	c	65536	65536	0.48	0.48
microsoft/phi-4	c	16384	16384	0.07	0.14
mistralai/Mistral-Nemo-Instruct-2407	c	131072	131072	0.019	0.03
mistralai/Mistral-Small-24B-Instruct-2501	c	32768	32768	0.05	0.08
mistralai/Mistral-Small-3.2-24B-Instruct-2506	c	128000	128000	0.075	0.2
mistralai/Mixtral-8x7B-Instruct-v0.1	c	32768	32768	0.4	0.4
moonshotai/Kimi-K2-Instruct	c	131072	131072	0.5	2
moonshotai/Kimi-K2-Instruct-0905	c	262144	262144	0.5	2	0.4
moonshotai/Kimi-K2.5	c	262144	262144	0.45	2.25	0.07
moonshotai/Kimi-K2.6	c	262144	262144	0.75	3.5	0.15
moonshotai/Kimi-K2.7-Code	c	262144	262144	0.68	3.4	0.136
moonshotai/Kimi-K3	c	1048576	1048576	2.85	14.25	0.285
nvidia/Llama-3.1-Nemotron-70B-Instruct	c	131072	131072	0.6	0.6
nvidia/Llama-3.3-Nemotron-Super-49B-v1.5	c	131072	131072	0.1	0.4
nvidia/NVIDIA-Nemotron-3-Super-120B-A12B	c	262144	262144	0.085	0.4
nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B	c	262144	262144	0.5	2.2	0.1
nvidia/NVIDIA-Nemotron-3.5-Lightning	c	262144		0.08	0.2	0.04
nvidia/NVIDIA-Nemotron-Nano-9B-v2	c	131072	131072	0.04	0.16
nvidia/Nemotron-3-Nano-30B-A3B	c	262144	262144	0.05	0.2	0.025
nvidia/Nemotron-Content-Safety-3.5	c	131072	131072	0.2	0.2
openai/gpt-oss-120b	c	131072	131072	0.037	0.17
openai/gpt-oss-120b-Turbo	c	131072	131072	0.15	0.6
openai/gpt-oss-120b-Ultra	c	131072	131072	0.2	0.95
openai/gpt-oss-20b	c	131072	131072	0.03	0.14
stepfun-ai/Step-3.7-Flash	c	262144	262144	0.2	1.15	0.04
tencent/Hy3	c	262144	262144	0.14	0.58	0.035
thinkingmachines/Inkling	c	524288	524288	0.95	4.05	0.16
thinkingmachines/Inkling-Small	c	524288	524288	0.45	1.2	0.1
zai-org/GLM-4.5	c	131072	131072	0.4	1.6
zai-org/GLM-4.6	c	202752	202752	0.5	2	0.1
zai-org/GLM-4.7	c	202752	202752	0.4	1.75	0.08
zai-org/GLM-4.7-Flash	c	202752	202752	0.06	0.4	0.01
zai-org/GLM-5	c	202752	202752	0.6	2.08	0.12
zai-org/GLM-5.1	c	202752	202752	1.05	3.5	0.205
zai-org/GLM-5.2	c	1048576	1048576	0.75	2.4	0.14
"""

    private static let hyperbolic: StaticString = """
NousResearch/Hermes-3-Llama-3.1-70B	c	32768	32768	0.12	0.3
Qwen/QwQ-32B	c	131072	131072	0.2	0.2
Qwen/Qwen2.5-72B-Instruct	c	131072	131072	0.12	0.3
Qwen/Qwen2.5-Coder-32B-Instruct	c	32768	32768	0.12	0.3
Qwen/Qwen3-235B-A22B	c	131072	131072	2	2
deepseek-ai/DeepSeek-R1	c	32768	32768	0.4	0.4
deepseek-ai/DeepSeek-R1-0528	c	131072	131072	0.25	0.25
deepseek-ai/DeepSeek-V3	c	32768	32768	0.2	0.2
deepseek-ai/DeepSeek-V3-0324	c	32768	32768	0.4	0.4
meta-llama/Llama-3.2-3B-Instruct	c	32768	32768	0.12	0.3
meta-llama/Llama-3.3-70B-Instruct	c	131072	131072	0.12	0.3
meta-llama/Meta-Llama-3-70B-Instruct	c	131072	131072	0.12	0.3
meta-llama/Meta-Llama-3.1-405B-Instruct	c	32768	32768	0.12	0.3
meta-llama/Meta-Llama-3.1-70B-Instruct	c	32768	32768	0.12	0.3
meta-llama/Meta-Llama-3.1-8B-Instruct	c	32768	32768	0.12	0.3
moonshotai/Kimi-K2-Instruct	c	131072	131072	2	2
"""

    private static let novita: StaticString = """
Sao10K/L3-8B-Stheno-v3.2	c	8192	32000	0.05	0.05
baai/bge-m3	e	8192	96000	0.01	0.01
baichuan/baichuan-m2-32b	c	131072	131072	0.07	0.07
baidu/cobuddy	c	131072	65536	0.28	1.13	0.07
baidu/ernie-4.5-21B-a3b	c	120000	8000	0.07	0.28
baidu/ernie-4.5-21B-a3b-thinking	c	131072	65536	0.07	0.28
baidu/ernie-4.5-300b-a47b-paddle	c	123000	12000	0.28	1.1
baidu/ernie-4.5-vl-28b-a3b	c	30000	8000	0.14	0.56
baidu/ernie-4.5-vl-28b-a3b-thinking	c	131072	65536	0.39	0.39
baidu/ernie-4.5-vl-424b-a47b	c	123000	16000	0.42	1.25
deepseek/deepseek-ocr	c	8192	8192	0.03	0.03
deepseek/deepseek-ocr-2	c	8192	8192	0.03	0.03
deepseek/deepseek-prover-v2-671b	c	160000	160000	0.7	2.5
deepseek/deepseek-r1	c	64000	16000	4	4
deepseek/deepseek-r1-0528	c	163840	32768	0.7	2.5	0.35
deepseek/deepseek-r1-0528-qwen3-8b	c	128000	32000	0.06	0.09
deepseek/deepseek-r1-distill-llama-70b	c	8192	8192	0.8	0.8
deepseek/deepseek-r1-distill-qwen-14b	c	32768	16384	0.15	0.15
deepseek/deepseek-r1-distill-qwen-32b	c	64000	32000	0.3	0.3
deepseek/deepseek-r1-turbo	c	64000	16000	0.7	2.5
deepseek/deepseek-r1/community	c	64000	8000	4	4
deepseek/deepseek-v3-0324	c	163840	65536	0.27	1.12	0.135
deepseek/deepseek-v3-turbo	c	64000	16000	0.4	1.3
deepseek/deepseek-v3.1	c	131072	32768	0.27	1	0.135
deepseek/deepseek-v3.1-terminus	c	131072	32768	0.27	1	0.135
deepseek/deepseek-v3.2	c	163840	65536	0.269	0.4	0.1345
deepseek/deepseek-v3.2-exp	c	163840	65536	0.27	0.41
deepseek/deepseek-v3/community	c	64000	8000	0.890000001	0.890000001
deepseek/deepseek-v4-flash	c	1048576	393216	0.14	0.28	0.028
deepseek/deepseek-v4-flash-0731	c	1048576	393216	0.44	1.32	0.028
deepseek/deepseek-v4-flash-vision-exp	c	1048576	393216	0.44	1.32	0.028
deepseek/deepseek-v4-pro	c	1048576	393216	1.600000001	3.200000001	0.135
deepseek/deepseek-v4-pro-0813	c	1048576	393216	1.32	3.96	0.132000001
deepseek/deepseek_v3	c	64000	16000	0.890000001	0.890000001
google/gemma-3-12b-it	c	131072	8192	0.05	0.1
google/gemma-3-27b-it	c	98304	16384	0.119	0.2
google/gemma-4-26b-a4b-it	c	262144	131072	0.13	0.400000001
google/gemma-4-31b-it	c	262144	131072	0.14	0.400000001
gryphe/mythomax-l2-13b	c	4096	3200	0.09	0.09
inclusionai/ling-3.0-flash	c	262144	32768	0.06	0.18	0.012
inclusionai/ling-3.0-flash-fast	c	262144	32768	0.06	0.18	0.012
kwaipilot/kat-coder-pro	c	256000	128000	0.3	1.2	0.06
meta-llama/llama-3-70b-instruct	c	8192	8000	0.51	0.74
meta-llama/llama-3-8b-instruct	c	8192	8192	0.04	0.04
meta-llama/llama-3.1-8b-instruct	c	16384	16384	0.02	0.05
meta-llama/llama-3.2-1b-instruct	c	131000	32000	0.02	0.02
meta-llama/llama-3.2-3b-instruct	c	32768	32000	0.03	0.05
meta-llama/llama-3.3-70b-instruct	c	12288	12288	0.135	0.4
meta-llama/llama-4-maverick-17b-128e-instruct-fp8	c	1048576	8192	0.27	0.85
meta-llama/llama-4-scout-17b-16e-instruct	c	131072	131072	0.18	0.59
microsoft/wizardlm-2-8x22b	c	65535	8000	0.62	0.62
mindai/macaron-v1-tall	c	262144	32768	0.450000001	2.6	0.08
mindai/macaron-v1-venti	c	1048576	131072	1.5	4.5	0.3
minimax/minimax-m2	c	204800	131072	0.3	1.2	0.03
minimax/minimax-m2.1	c	204800	131072	0.3	1.2	0.03
minimax/minimax-m2.5	c	204800	131100	0.3	1.2	0.03
minimax/minimax-m2.5-highspeed	c	204800	131100	0.6	2.4	0.03
minimax/minimax-m2.7	c	204800	131072	0.3	1.2	0.06
minimax/minimax-m2.7-highspeed	c	204800	131072	0.6	2.4	0.06
minimax/minimax-m3	c	1000000	131072	0.3	1.2	0.06
minimaxai/minimax-m1-80k	c	1000000	40000	0.55	2.2
mistralai/mistral-nemo	c	60288	16000	0.04	0.17
moonshotai/kimi-k2-0905	c	262144	100352	0.6	2.5
moonshotai/kimi-k2-instruct	c	131072	100352	0.57	2.3
moonshotai/kimi-k2-thinking	c	262144	100352	0.6	2.5	0.15
moonshotai/kimi-k2.5	c	262144	262144	0.6	3	0.100000001
moonshotai/kimi-k2.6	c	262144	262144	0.800000001	3.4	0.16
moonshotai/kimi-k2.7-code	c	262144	262144	0.95	4	0.19
moonshotai/kimi-k3	c	1048576	1048576	3	15	0.3
nousresearch/hermes-2-pro-llama-3-8b	c	8192	8192	0.14	0.14
nvidia/nemotron-3-nano-30b-a3b	c	262144	32768	0.050000001	0.200000001
openai/gpt-oss-120b	c	131072	32768	0.05	0.25
openai/gpt-oss-20b	c	131072	32768	0.04	0.15
paddlepaddle/paddleocr-vl	c	16384	16384	0.02	0.02
qwen/qwen-2.5-72b-instruct	c	32000	8192	0.38	0.4
qwen/qwen-mt-plus	c	16384	8192	0.25	0.75
qwen/qwen2.5-7b-instruct	c	32000	8192	0.07	0.07
qwen/qwen2.5-vl-72b-instruct	c	32768	32768	0.8	0.8
qwen/qwen3-235b-a22b-fp8	c	40960	20000	0.2	0.8
qwen/qwen3-235b-a22b-instruct-2507	c	131072	16384	0.09	0.58
qwen/qwen3-235b-a22b-thinking-2507	c	131072	32768	0.3	3
qwen/qwen3-30b-a3b-fp8	c	40960	20000	0.09	0.45
qwen/qwen3-32b-fp8	c	40960	20000	0.1	0.45
qwen/qwen3-4b-fp8	c	128000	8192	0.03	0.03
qwen/qwen3-8b-fp8	c	128000	20000	0.035	0.138
qwen/qwen3-coder-30b-a3b-instruct	c	160000	32768	0.07	0.27
qwen/qwen3-coder-480b-a35b-instruct	c	262144	65536	0.38	1.55
qwen/qwen3-coder-next	c	262144	65536	0.200000001	1.5
qwen/qwen3-embedding-0.6b	e	32768	32768	0.07	0
qwen/qwen3-embedding-8b	e	32768	4096	0.07	0
qwen/qwen3-max	c	262144	65536	2.11	8.45
qwen/qwen3-next-80b-a3b-instruct	c	131072	32768	0.15	1.5
qwen/qwen3-next-80b-a3b-thinking	c	131072	32768	0.15	1.5
qwen/qwen3-omni-30b-a3b-instruct	c	65536	16384	0.25	0.97
qwen/qwen3-omni-30b-a3b-thinking	c	65536	16384	0.25	0.97
qwen/qwen3-vl-235b-a22b-instruct	c	131072	32768	0.3	1.5
qwen/qwen3-vl-235b-a22b-thinking	c	131072	32768	0.98	3.95
qwen/qwen3-vl-30b-a3b-instruct	c	131072	32768	0.2	0.7
qwen/qwen3-vl-30b-a3b-thinking	c	131072	32768	0.2	1
qwen/qwen3-vl-8b-instruct	c	131072	32768	0.08	0.5
qwen/qwen3.5-122b-a10b	c	262144	65536	0.400000001	3.200000001
qwen/qwen3.5-27b	c	262144	65536	0.3	2.4
qwen/qwen3.5-35b-a3b	c	262144	65536	0.25	2
qwen/qwen3.5-397b-a17b	c	262144	65536	0.6	3.600000001
qwen/qwen3.6-27b	c	262144	65536	0.6	3.600000001
qwen/qwen3.6-35b-a3b	c	262144	65536	0.248	1.485000001
qwen/qwen3.7-max	c	1000000	65536	1.25	3.75	0.25
qwen/qwen3.8-max	c	1000000	131072	2	6	0.25
sao10k/l3-70b-euryale-v2.1	c	8192	8192	1.48	1.48
sao10k/l3-8b-lunaris	c	8192	8192	0.05	0.05
sao10k/l31-70b-euryale-v2.2	c	8192	8192	1.48	1.48
skywork/r1v4-lite	c	262144	65536	0.2	0.6
stepfun/step-3.7-flash	c	262144	256000	0.200000001	1.15	0.04
tencent/hy3	c	262144	262144	0.14	0.58	0.035
thudm/glm-4-32b-0414	c	32000	32000	0.55	1.66
xiaomimimo/mimo-v2-flash	c	262144	32000	0.11	0.33	0.024
xiaomimimo/mimo-v2.5	c	1048576	131072	0.168000001	0.336000001	0.0034
xiaomimimo/mimo-v2.5-pro	c	1048576	131072	0.522	1.044	0.0043
zai-org/autoglm-phone-9b-multilingual	c	65536	65536	0.035	0.138
zai-org/glm-4.5	c	131072	98304	0.6	2.2	0.11
zai-org/glm-4.5-air	c	131072	98304	0.13	0.85	0.025
zai-org/glm-4.5v	c	65536	16384	0.6	1.8	0.11
zai-org/glm-4.6	c	204800	131072	0.55	2.2	0.11
zai-org/glm-4.6v	c	131072	32768	0.3	0.9	0.055
zai-org/glm-4.7	c	204800	131072	0.6	2.2	0.11
zai-org/glm-4.7-flash	c	200000	128000	0.07	0.400000001	0.01
zai-org/glm-4.7-h	c	204800	131072	0.6	2.2	0.11
zai-org/glm-5	c	202800	131072	1	3.200000001	0.200000001
zai-org/glm-5-turbo	c	202800	131072	1.2	4	0.24
zai-org/glm-5.1	c	204800	131072	1.38	4.4	0.26
zai-org/glm-5.2	c	1048576	131072	1.4	4.4	0.26
zai-org/glm-5.3	c	1048576	131072	1.4	4.4	0.26
zai-org/glm-5v-turbo	c	204800	131072	1.2	4	0.24
"""

    private static let nebius: StaticString = """
BAAI/bge-en-icl	e	32768		0.01	0
BAAI/bge-multilingual-gemma2	e	8192		0.01	0
MiniMaxAI/MiniMax-M2.5	c	196608	196608	0.3	1.2
MiniMaxAI/MiniMax-M3	c	1048576	1048576	0.3	1.2
NousResearch/Hermes-3-Llama-3.1-405B	c	128000	128000	1	3
NousResearch/Hermes-4-405B	c	131072	131072	1	3
NousResearch/Hermes-4-70B	c	131072	131072	0.13	0.4
Qwen/QwQ-32B	c	32768	32768	0.15	0.45
Qwen/Qwen2-VL-72B-Instruct	c	131072	131072	0.13	0.4
Qwen/Qwen2-VL-7B-Instruct	c	131072	131072	0.02	0.06
Qwen/Qwen2.5-32B-Instruct	c	128000	128000	0.06	0.2
Qwen/Qwen2.5-72B-Instruct	c	128000	128000	0.13	0.4
Qwen/Qwen2.5-Coder-7B	c	32768	32768	0.01	0.03
Qwen/Qwen2.5-VL-72B-Instruct	c	32000	32000	0.25	0.75
Qwen/Qwen3-14B	c	32768	32768	0.08	0.24
Qwen/Qwen3-235B-A22B	c	262144	262144	0.2	0.6
Qwen/Qwen3-235B-A22B-Instruct-2507	c	262144	262144	0.2	0.6
Qwen/Qwen3-30B-A3B	c	32768	32768	0.1	0.3
Qwen/Qwen3-30B-A3B-Instruct-2507	c	262144	262144	0.1	0.3
Qwen/Qwen3-32B	c	40960	40960	0.1	0.3
Qwen/Qwen3-4B	c	32768	32768	0.08	0.24
Qwen/Qwen3-Embedding-8B	e	40960		0.01	0
Qwen/Qwen3-Next-80B-A3B-Thinking	c	128000	128000	0.15	1.2
Qwen/Qwen3.5-397B-A17B	c	262144	262144	0.6	3.6
Qwen/Qwen3.8-27B	c	262144		0.45	3
deepseek-ai/DeepSeek-R1	c	128000	128000	0.8	2.4
deepseek-ai/DeepSeek-R1-0528	c	164000	164000	0.8	2.4
deepseek-ai/DeepSeek-R1-Distill-Llama-70B	c	128000	128000	0.25	0.75
deepseek-ai/DeepSeek-V3	c	128000	128000	0.5	1.5
deepseek-ai/DeepSeek-V3-0324	c	128000	128000	0.5	1.5
deepseek-ai/DeepSeek-V4-Flash	c	1048576	1048576	0.14	0.28
deepseek-ai/DeepSeek-V4-Flash-0731	c	1024000	1024000	0.14	0.28
deepseek-ai/DeepSeek-V4-Pro	c	1048576	1048576	1.75	3.5
deepseek-ai/DeepSeek-V4-Pro-0813	c	979000		1.32	3.96
deepseek-ai/DeepSeek-V4.1-Flash	c	1048000	384000	0.3	1.2
google/gemma-3-27b-it	c	110000	110000	0.1	0.3
intfloat/e5-mistral-7b-instruct	e	32768		0.01	0
meta-llama/Llama-3.3-70B-Instruct	c	131072	131072	0.13	0.4
meta-llama/Llama-Guard-3-8B	c	128000	128000	0.02	0.06
meta-llama/Meta-Llama-3.1-405B-Instruct	c	128000	128000	1	3
meta-llama/Meta-Llama-3.1-70B-Instruct	c	128000	128000	0.13	0.4
meta-llama/Meta-Llama-3.1-8B-Instruct	c	128000	128000	0.02	0.06
mistralai/Mistral-Nemo-Instruct-2407	c	128000	128000	0.04	0.12
moonshotai/Kimi-K2.6	c	262144	262144	0.95	4
moonshotai/Kimi-K2.7-Code	c	262144	262144	0.95	4
moonshotai/Kimi-K3	c	1024000	1024000	3	15
nvidia/Cosmos3-Super-Reasoner	c	262144	262144	0.1	0.3
nvidia/Llama-3.1-Nemotron-Ultra-253B-v1	c	128000	128000	0.6	1.8
nvidia/Llama-3.3-Nemotron-Super-49B-v1	c	131072	131072	0.1	0.4
nvidia/Llama-3_1-Nemotron-Ultra-253B-v1	c	131072	131072	0.6	1.8
nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B	c	262144	262144	0.06	0.24
nvidia/Nemotron-3-Nano-Omni	c	262144	262144	0.06	0.24
nvidia/Nemotron-3-Ultra-550b-a55b	c	1048576	1048576	1	3
nvidia/Nemotron-3_5-Lightning	c	1048576	1048576	0.06	0.24
nvidia/nemotron-3-super-120b-a12b	c	262144	262144	0.3	0.9
openai/gpt-oss-120b	c	131072	131072	0.15	0.6
openbmb/MiniCPM-V-4_5	c	32000	32000	0.658	1.11
reflection/beam	c	1048576	1048576	0.25	1
zai-org/GLM-5.1	c	202752	202752	1.4	4.4
zai-org/GLM-5.2	c	1048576	1048576	1.4	4.4
zai-org/GLM-5.3	c	1024000	1024000	1.4	4.4
zai-org/GLM-5.3-Flash	c	1024000	1024000	0.15	0.5
"""

    private static let baseten: StaticString = """
MiniMaxAI/MiniMax-M2.5	c			0.3	1.2
deepseek-ai/DeepSeek-V3-0324	c			0.77	0.77
deepseek-ai/DeepSeek-V3.1	c			0.5	1.5
deepseek-ai/DeepSeek-V4-Flash-0731	c	1048576	384000	0.13	0.26	0.028
deepseek-ai/DeepSeek-V4-Pro	c	1048576	262144	1.74	3.48	0.145
deepseek-ai/DeepSeek-V4-Pro-0813	c	1048576	262144	1.32	3.96	0.132
deepseek-ai/DeepSeek-V4.1-Flash	c	1048576	262144	0.3	1.2	0.007
deepseek-ai/DeepSeek-V4.1-Flash-1017	c	1048576	262144	0.3	1.2	0.007
deepseek-ai/DeepSeek-V4.1-Flash-1017-Fast	c	1048576	262144	0.6	2.4	0.014
deepseek-ai/DeepSeek-V4.1-Flash-Fast	c	1048576	131072	0.6	2.4	0.014
meta-models/muse-spark-open	c	1048576	1048576	1.25	4.25	0.15
moonshotai/Kimi-K2-Instruct-0905	c			0.6	2.5
moonshotai/Kimi-K2-Thinking	c			0.6	2.5
moonshotai/Kimi-K2.5	c			0.6	3
moonshotai/Kimi-K2.6	c	262000	262000	0.95	4	0.16
moonshotai/Kimi-K2.7-Code	c	262000	262000	0.95	4	0.16
moonshotai/Kimi-K3	c	1048576	262144	3	15	0.3
nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B	c	202800	202800	0.6	2.4	0.12
nvidia/NVIDIA-Nemotron-3.5-Super-VL-120B-A12B	c	1048576	1048576	0.2	0.5	0.04
nvidia/Nemotron-120B-A12B	c			0.3	0.75
openai/gpt-oss-120b	c	128072	128072	0.1	0.5	0.1
reflection/Beam-1.0	c	1048576	131072	0.4	1.2	0.04
thinkingmachines/inkling	c	1048576	32768	1	4.05	0.17
thinkingmachines/inkling-small	c	1048576	32768	0.5	1.2	0.1
zai-org/GLM-4.6	c			0.6	2.2
zai-org/GLM-4.7	c	200000	200000	0.6	2.2	0.12
zai-org/GLM-5	c			0.95	3.15
zai-org/GLM-5.2	c	1048576	262144	1.4	4.4	0.14
zai-org/GLM-5.2-Fast	c	1048576	262144	2.1	6.6	0.21
zai-org/GLM-5.3	c	1048576	262144	1.4	4.4	0.14
zai-org/GLM-5.3-Fast	c	1048576	262144	2.1	6.6	0.21
zai-org/GLM-5.3-Flash	c	1048576	131072	0.15	0.5	0.03
"""

    private static let friendliai: StaticString = """
MiniMaxAI/MiniMax-M2.5	c	196608	196608	0.3	1.2	0.06
deepseek-ai/DeepSeek-V3.2	c	163840	163840	0.5	1.5	0.25
google/gemma-4-31B-it	c	262144	262144	0.14	0.4
zai-org/GLM-5.1	c	202752	202752	1.4	4.4	0.26
zai-org/GLM-5.2	c	1048576	1048576	1.4	4.4	0.26
zai-org/GLM-5.3	c	1048576	1048576	1.26	3.96	0.234
zai-org/GLM-5.3-Flash	c	1048576	1048576	0.15	0.5	0.03
"""

    private static let vercel_ai_gateway: StaticString = """
alibaba/qwen-3-14b	c	40960	16384	0.08	0.24
alibaba/qwen-3-235b	c	40960	16384	0.2	0.6
alibaba/qwen-3-30b	c	40960	16384	0.1	0.3
alibaba/qwen-3-32b	c	40960	16384	0.1	0.3
alibaba/qwen3-coder	c	262144	66536	0.4	1.6
amazon/nova-lite	c	300000	8192	0.06	0.24
amazon/nova-micro	c	128000	8192	0.035	0.14
amazon/nova-pro	c	300000	8192	0.8	3.2
amazon/titan-embed-text-v2	c			0.02	0
anthropic/claude-3-5-sonnet	c	200000	8192	3	15	0.3	3.75
anthropic/claude-3-5-sonnet-20241022	c	200000	8192	3	15	0.3	3.75
anthropic/claude-3-7-sonnet	c	200000	64000	3	15	0.3	3.75
anthropic/claude-3-haiku	c	200000	4096	0.25	1.25	0.03	0.3
anthropic/claude-3-opus	c	200000	4096	15	75	1.5	18.75
anthropic/claude-3.5-haiku	c	200000	8192	0.8	4	0.08	1
anthropic/claude-3.5-sonnet	c	200000	8192	3	15	0.3	3.75
anthropic/claude-3.7-sonnet	c	200000	64000	3	15	0.3	3.75
anthropic/claude-4-opus	c	200000	32000	15	75	1.5	18.75
anthropic/claude-4-sonnet	c	200000	64000	3	15	0.3	3.75
anthropic/claude-haiku-4.5	c	200000	64000	1	5	0.1	1.25
anthropic/claude-opus-4	c	200000	32000	15	75	1.5	18.75
anthropic/claude-opus-4.1	c	200000	32000	15	75	1.5	18.75
anthropic/claude-opus-4.5	c	200000	64000	5	25	0.5	6.25
anthropic/claude-opus-4.6	c	200000	64000	5	25	0.5	6.25
anthropic/claude-sonnet-4	c	200000	64000	3	15	0.3	3.75
anthropic/claude-sonnet-4.5	c	1000000	64000	3	15	0.3	3.75
cohere/command-a	c	256000	8000	2.5	10
cohere/command-r	c	128000	4096	0.15	0.6
cohere/command-r-plus	c	128000	4096	2.5	10
cohere/embed-v4.0	c			0.12	0
deepseek/deepseek-r1	c	128000	8192	0.55	2.19
deepseek/deepseek-r1-distill-llama-70b	c	131072	131072	0.75	0.99
deepseek/deepseek-v3	c	128000	8192	0.9	0.9
google/gemini-2.5-flash	c	1000000	65536	0.3	2.5	0.03
google/gemini-2.5-pro	c	1048576	65536	1.25	10	0.125							200000=2.5/15/0.25
google/gemini-embedding-001	e			0.15	0
google/gemma-2-9b	c	8192	8192	0.2	0.2
google/text-embedding-005	e			0.025	0
google/text-multilingual-embedding-002	e			0.025	0
inception/mercury-coder-small	c	32000	16384	0.25	1
meta/llama-3-70b	c	8192	8192	0.59	0.79
meta/llama-3-8b	c	8192	8192	0.05	0.08
meta/llama-3.1-70b	c	128000	8192	0.72	0.72
meta/llama-3.1-8b	c	131000	131072	0.05	0.08
meta/llama-3.2-11b	c	128000	8192	0.16	0.16
meta/llama-3.2-1b	c	128000	8192	0.1	0.1
meta/llama-3.2-3b	c	128000	8192	0.15	0.15
meta/llama-3.2-90b	c	128000	8192	0.72	0.72
meta/llama-3.3-70b	c	128000	8192	0.72	0.72
meta/llama-4-maverick	c	131072	8192	0.2	0.6
meta/llama-4-scout	c	131072	8192	0.1	0.3
mistral/codestral	c	256000	4000	0.3	0.9
mistral/codestral-embed	c			0.15	0
mistral/devstral-small	c	128000	128000	0.07	0.28
mistral/magistral-medium	c	128000	64000	2	5
mistral/magistral-small	c	128000	64000	0.5	1.5
mistral/ministral-3b	c	128000	4000	0.04	0.04
mistral/ministral-8b	c	128000	4000	0.1	0.1
mistral/mistral-embed	c			0.1	0
mistral/mistral-large	c	32000	4000	2	6
mistral/mistral-saba-24b	c	32768	32768	0.79	0.79
mistral/mistral-small	c	32000	4000	0.1	0.3
mistral/mixtral-8x22b-instruct	c	65536	2048	1.2	1.2
mistral/pixtral-12b	c	128000	4000	0.15	0.15
mistral/pixtral-large	c	128000	4000	2	6
moonshotai/kimi-k2	c	131072	16384	0.55	2.2
morph/morph-v3-fast	c	32768	16384	0.8	1.2
morph/morph-v3-large	c	32768	16384	0.9	1.9
openai/gpt-3.5-turbo	c	16385	4096	0.5	1.5
openai/gpt-3.5-turbo-instruct	c	8192	4096	1.5	2
openai/gpt-4-turbo	c	128000	4096	10	30
openai/gpt-4.1	c	1047576	32768	2	8	0.5	0
openai/gpt-4.1-mini	c	1047576	32768	0.4	1.6	0.1	0
openai/gpt-4.1-nano	c	1047576	32768	0.1	0.4	0.025	0
openai/gpt-4o	c	128000	16384	2.5	10	1.25	0
openai/gpt-4o-mini	c	128000	16384	0.15	0.6	0.075	0
openai/o1	c	200000	100000	15	60	7.5	0
openai/o3	c	200000	100000	2	8	0.5	0
openai/o3-mini	c	200000	100000	1.1	4.4	0.55	0
openai/o4-mini	c	200000	100000	1.1	4.4	0.275	0
openai/text-embedding-3-large	e			0.13	0
openai/text-embedding-3-small	e			0.02	0
openai/text-embedding-ada-002	e			0.1	0
perplexity/sonar	c	127000	8000	1	1
perplexity/sonar-pro	c	200000	8000	3	15
perplexity/sonar-reasoning	c	127000	8000	1	5
perplexity/sonar-reasoning-pro	c	127000	8000	2	8
vercel/v0-1.0-md	c	128000	32000	3	15
vercel/v0-1.5-md	c	128000	32768	3	15
xai/grok-2	c	131072	4000	2	10
xai/grok-2-vision	c	32768	32768	2	10
xai/grok-3	c	131072	131072	3	15
xai/grok-3-fast	c	131072	131072	5	25
xai/grok-3-mini	c	131072	131072	0.3	0.5
xai/grok-3-mini-fast	c	131072	131072	0.6	4
xai/grok-4	c	256000	256000	3	15
zai/glm-4.5	c	131072	131072	0.6	2.2
zai/glm-4.5-air	c	128000	96000	0.2	1.1
zai/glm-4.6	c	200000	200000	0.45	1.8	0.11
"""

    private static let crusoe: StaticString = """
Qwen/Qwen3-235B-A22B-Instruct-2507	c	262144	262144	3	3
deepseek-ai/DeepSeek-R1-0528	c	163840	163840	3	7
deepseek-ai/DeepSeek-V3-0324	c	163840	163840	1.5	1.5
google/gemma-3-12b-it	c	131072	131072	0.1	0.1
meta-llama/Llama-3.3-70B-Instruct	c	131072	131072	0.2	0.2
moonshotai/Kimi-K2-Thinking	c	262144	262144	2.5	2.5
openai/gpt-oss-120b	c	131072	131072	0.8	0.8
"""

    private static let featherless_ai: StaticString = """
featherless-ai/Qwerky-72B	c	32768	4096
featherless-ai/Qwerky-QwQ-32B	c	32768	4096
"""

    private static let lambda_ai: StaticString = """
deepseek-llama3.3-70b	c	131072	131072	0.2	0.6
deepseek-r1-0528	c	131072	131072	0.2	0.6
deepseek-r1-671b	c	131072	131072	0.8	0.8
deepseek-v3-0324	c	131072	131072	0.2	0.6
hermes3-405b	c	131072	131072	0.8	0.8
hermes3-70b	c	131072	131072	0.12	0.3
hermes3-8b	c	131072	131072	0.025	0.04
lfm-40b	c	131072	131072	0.1	0.2
lfm-7b	c	131072	131072	0.025	0.04
llama-4-maverick-17b-128e-instruct-fp8	c	131072	8192	0.05	0.1
llama-4-scout-17b-16e-instruct	c	16384	8192	0.05	0.1
llama3.1-405b-instruct-fp8	c	131072	131072	0.8	0.8
llama3.1-70b-instruct-fp8	c	131072	131072	0.12	0.3
llama3.1-8b-instruct	c	131072	131072	0.025	0.04
llama3.1-nemotron-70b-instruct-fp8	c	131072	131072	0.12	0.3
llama3.2-11b-vision-instruct	c	131072	131072	0.015	0.025
llama3.2-3b-instruct	c	131072	131072	0.015	0.025
llama3.3-70b-instruct-fp8	c	131072	131072	0.12	0.3
qwen25-coder-32b-instruct	c	131072	131072	0.05	0.1
qwen3-32b-fp8	c	131072	131072	0.05	0.1
"""

    private static let nscale: StaticString = """
Qwen/QwQ-32B	c			0.18	0.2
Qwen/Qwen2.5-Coder-32B-Instruct	c			0.06	0.2
Qwen/Qwen2.5-Coder-3B-Instruct	c			0.01	0.03
Qwen/Qwen2.5-Coder-7B-Instruct	c			0.01	0.03
deepseek-ai/DeepSeek-R1-Distill-Llama-70B	c			0.375	0.375
deepseek-ai/DeepSeek-R1-Distill-Llama-8B	c			0.025	0.025
deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B	c			0.09	0.09
deepseek-ai/DeepSeek-R1-Distill-Qwen-14B	c			0.07	0.07
deepseek-ai/DeepSeek-R1-Distill-Qwen-32B	c			0.15	0.15
deepseek-ai/DeepSeek-R1-Distill-Qwen-7B	c			0.2	0.2
meta-llama/Llama-3.1-8B-Instruct	c			0.03	0.03
meta-llama/Llama-3.3-70B-Instruct	c			0.2	0.2
meta-llama/Llama-4-Scout-17B-16E-Instruct	c			0.09	0.29
mistralai/mixtral-8x22b-instruct-v0.1	c			0.6	0.6
"""

    private static let ovhcloud: StaticString = """
DeepSeek-R1-Distill-Llama-70B	c	131000	131000	0.67	0.67
Llama-3.1-8B-Instruct	c	131000	131000	0.1	0.1
Meta-Llama-3_1-70B-Instruct	c	131000	131000	0.67	0.67
Meta-Llama-3_3-70B-Instruct	c	131000	131000	0.67	0.67
Mistral-7B-Instruct-v0.3	c	127000	127000	0.1	0.1
Mistral-Nemo-Instruct-2407	c	118000	118000	0.13	0.13
Mistral-Small-3.2-24B-Instruct-2506	c	128000	128000	0.09	0.28
Mixtral-8x7B-Instruct-v0.1	c	32000	32000	0.63	0.63
Qwen2.5-Coder-32B-Instruct	c	32000	32000	0.87	0.87
Qwen2.5-VL-72B-Instruct	c	32000	32000	0.91	0.91
Qwen3-32B	c	32000	32000	0.08	0.23
gpt-oss-120b	c	131000	131000	0.08	0.4
gpt-oss-20b	c	131000	131000	0.04	0.15
llava-v1.6-mistral-7b-hf	c	32000	32000	0.29	0.29
mamba-codestral-7B-v0.1	c	256000	256000	0.19	0.19
"""

    private static let scaleway: StaticString = """
BAAI/bge-multilingual-gemma2	e			0.1	0
deepseek-v4-flash-0731	c	256000	32768	0.4	0.8	0.08
glm-5.2	c	256000	16384	1.8	5.5
google/gemma-4-26b-a4b-it	c	256000	32768	0.25	0.5
meta/llama-3.3-70b-instruct	c	128000	16384	0.9	0.9
mistralai/mistral-medium-3.5-128b	c	256000	16384	1.5	7.5
mistralai/mistral-small-3.2-24b-instruct-2506	c	128000	32768	0.15	0.35
mistralai/pixtral-12b-2409	c	128000	4096	0.2	0.2
openai/gpt-oss-120b	c	128000	32768	0.15	0.6
qwen/qwen3-235b-a22b-instruct-2507	c	256000	16384	0.75	2.25
qwen/qwen3-coder-30b-a3b-instruct	c	128000	32768	0.2	0.8
qwen/qwen3-embedding-8b	e			0.1	0
qwen/qwen3.5-397b-a17b	c	256000	16384	0.6	3.6
qwen/qwen3.6-35b-a3b	c	256000	16384	0.25	1.5
"""

    private static let wandb: StaticString = """
JetBrains/Mellum2-12B-A2.5B-Instruct	c	131000	131072	0.05	0.1
MiniMaxAI/MiniMax-M3	c	262000	262144	0.23	0.96	0.05
OpenPipe/Qwen3-14B-Instruct	c	32800	32768	0.05	0.22
Qwen/Qwen3-30B-A3B-Instruct-2507	c	262000	262144	0.1	0.3
Qwen/Qwen3.5-35B-A3B	c	262000	262144	0.25	1.25
Qwen/Qwen3.6-27B	c	262000	262144	0.6	3.6	0.12
Qwen/Qwen3.6-35B-A3B	c	262000	262144	0.25	1.25
Qwen/Qwen3.8-27B	c	262000	262144	0.4	3	0.15
deepseek-ai/DeepSeek-V3.1	c	128000	128000	0.55	1.65
deepseek-ai/DeepSeek-V4-Flash	c	1049000	1048576	0.14	0.28	0.07
deepseek-ai/DeepSeek-V4-Flash-0731	c	262000	262144	0.13	0.28	0.07
deepseek-ai/DeepSeek-V4-Pro	c	1049000	1048576	1.15	2.55	0.2
deepseek-ai/DeepSeek-V4-Pro-0813	c	1049000		1.31	3.96	0.044
deepseek-ai/DeepSeek-V4.1-Flash	c	1049000	1048576	0.2	0.65	0.03
google/gemma-4-26B-A4B-it	c	262000	262144	0.1	0.3	0.05
google/gemma-4-31B-it	c	262000	262144	0.1	0.34
ibm-granite/granite-4.1-8b	c	131000	131072	0.05	0.1
ibm-granite/granite-4.2-8b	c	131000		0.1	0.15	0.05
meta-llama/Llama-3.1-70B-Instruct	c	131000	128000	0.8	0.8
meta-llama/Llama-3.1-8B-Instruct	c	128000	128000	0.22	0.22
meta-llama/Llama-3.3-70B-Instruct	c	128000	128000	0.71	0.71
moonshotai/Kimi-K2.5	c	262144	262144	0.6	3	0.1
moonshotai/Kimi-K2.6	c	262000	262144	0.65	3.41	0.15
moonshotai/Kimi-K2.7-Code	c	262000	262144	0.71	3.5	0.15
nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B	c	262000	262144	0.5	2.15	0.1
nvidia/NVIDIA-Nemotron-3.5-Lightning-30B-A3B	c	262000	262144	0.07	0.2	0.04
nvidia/NVIDIA-Nemotron-3.5-Super-VL-120B-A12B	c	1049000	943718	0.25	1.5	0.05
openai/gpt-oss-120b	c	131000	131072	0.03	0.17
openai/gpt-oss-20b	c	131000	131072	0.03	0.13
reflection/Beam-1.0-501B-A23B	c	1049000		1	3	0.1
zai-org/GLM-5.2	c	262000	262144	0.76	2.42	0.14
zai-org/GLM-5.3	c	1049000		1.2	4	0.19
zai-org/GLM-5.3-Flash	c	1049000		0.15	0.5	0.05
"""

    private static let gmi: StaticString = """
MiniMaxAI/MiniMax-M2.1	c	196608	16384	0.3	1.2
Qwen/Qwen3-VL-235B-A22B-Instruct-FP8	c	262144	16384	0.3	1.4
anthropic/claude-opus-4	c	409600	32000	15	75
anthropic/claude-opus-4.5	c	409600	32000	5	25
anthropic/claude-sonnet-4	c	409600	32000	3	15
anthropic/claude-sonnet-4.5	c	409600	32000	3	15
deepseek-ai/DeepSeek-V3-0324	c	163840	16384	0.28	0.88
deepseek-ai/DeepSeek-V3.2	c	163840	16384	0.28	0.4
google/gemini-3-flash-preview	c	1048576	65536	0.5	3
moonshotai/Kimi-K2-Thinking	c	262144	16384	0.8	1.2
openai/gpt-4o	c	131072	16384	2.5	10
openai/gpt-4o-mini	c	131072	16384	0.15	0.6
openai/gpt-5	c	409600	32000	1.25	10
openai/gpt-5.1	c	409600	32000	1.25	10
openai/gpt-5.2	c	409600	32000	1.75	14
zai-org/GLM-4.7-FP8	c	202752	16384	0.4	2
"""

    private static let gradient_ai: StaticString = """
alibaba-qwen3-32b	c	131072	40960
anthropic-claude-3-opus	c	200000	1024	15	75
anthropic-claude-3.5-haiku	c	200000	1024	0.8	4
anthropic-claude-3.5-sonnet	c	200000	1024	3	15
anthropic-claude-3.7-sonnet	c	200000	1024	3	15
deepseek-r1-distill-llama-70b	c	32768	8000	0.99	0.99
llama3-8b-instruct	c	8192	512	0.2	0.2
llama3.3-70b-instruct	c	128000	2048	0.65	0.65
mistral-nemo-instruct-2407	c	128000	512	0.3	0.3
openai-gpt-4o	c	128000	16384
openai-gpt-4o-mini	c	128000	16384
openai-o3	c	200000	100000	2	8
openai-o3-mini	c	200000	100000	1.1	4.4
"""

    private static let aihubmix: StaticString = """
agnes-2.5-flash	c	512000	65500	0.03	0.15
agnes-2.5-pro	c	1000000	65536	0.45	0.9	0.00378
cc-glm-5.1	c	200000	131072	0.06	0.22
claude-fable-5	c	1000000	128000	11	55	1.1	13.75
claude-haiku-4-5	c	200000	64000	1.1	5.5	0.11	1.375
claude-opus-4-8-think	c	1000000	128000	5	25	0.5	6.25
claude-opus-5	c	1000000	128000	5	25	0.5	6.25
claude-sonnet-5	c	1000000	128000	2	10	0.2	2.5
coding-glm-5.3	c	1048576	131072	0.06	0.22	0.015
coding-kimi-k3	c	1048576	1048576	0.44	1.61333	0.066
coding-xiaomi-mimo-v2-omni	c			0.08	0.4	0.016
coding-xiaomi-mimo-v2.5	c	1048576	131072	0.08	0.16	0.0016
coding-xiaomi-mimo-v2.5-pro	c	1048576	131072	0.2	0.4	0.0016
command-a-plus-05-2026	c	128000	64000	2.5	10
deepseek-v4-flash	c	1000000	384000	0.142	0.284	0.0284
deepseek-v4-pro	c	1000000	384000	1.69	3.38	0.14027
doubao-seed-2-0-code-preview	c	256000	128000	0.4822	2.411	0.09644
doubao-seed-2-0-lite-260428	c	256000	128000	0.09041	0.54246	0.018082
doubao-seed-2-0-mini	c	256000	128000	0.030136	0.30136	0.006027
doubao-seed-2-0-pro	c	256000	128000	0.4822	2.411	0.09644
doubao-seed-2-1-turbo	c	256000	256000	0.46475	2.32375	0.09295
ernie-5.1	c	119000	65536	0.5634	2.5353	0.5634
gemini-3-flash-preview	c	1048576	65536	0.5	3	0.05
gemini-3-flash-preview-search	c	1048576	65536	0.5	3	0.05
gemini-3.1-pro-preview	c	1048576	65536	2	12	0.2
gemini-3.1-pro-preview-customtools	c	1048576	65536	2	12	0.2
gemini-3.5-flash-lite	c	1048576	65536	0.3	2.499999	0.03
gemini-3.7-flash	c	1048576	65536	0.75	3.75	0.075
gemma-4-26b-a4b-it	c	262144	131100	0.14	0.39998
gemma-4-31b-it	c	262144	131100	0.14	0.39998
glm-5.2-fast-preview	c	1000000	131072	2.254	7.889	0.5635
glm-5.3	c	1048576	131072	1.1268	3.9438	0.2817
glm-5.3-flash	c	1048576	131072	0.11268	0.39438	0.02817
glm-5v-turbo	c	200000	131072	0.7042	3.09848	0.169008
gpt-5.3-codex	c	400000	128000	1.75	14	0.175
gpt-5.4-high	c	1050000	128000	2.5	15	0.25
gpt-5.4-low	c	1050000	128000	2.5	15	0.25
gpt-5.4-mini	c	400000	128000	0.75	4.5	0.075
gpt-5.4-nano	c	400000	128000	0.2	1.25	0.02
gpt-5.5	c	1050000	128000	5	30	0.5
gpt-5.5-pro	c	1050000	128000	30	180
gpt-5.6-luna	c	1050000	128000	0.2	1.2	0.02	0.25
gpt-5.6-sol-disc	c	1050000	128000	4	20	0.4	5
gpt-5.6-terra	c	1050000	128000	2	12	0.2	2.5
gpt-chat-latest	c	400000	128000	5	30	0.5
grok-4-20-non-reasoning	c	1000000		2	6	0.2
grok-4-20-reasoning	c	1000000		2	6	0.2
grok-4.6	c	500000	500000	2	6	0.5
grok-build-0.1	c	256000	256000	1	2	0.2
hy3	c	256000	128000	0.1562	0.6248	0.03905
hy4-preview	c	1048576	64000	0.845	2.535	0.04225
kimi-k2.6	c	262144	32768	0.95	3.9995	0.160835
kimi-k2.7-code-highspeed	c	262144	32768	1.9	7.999	0.32167
kimi-k3	c	1048576	1048576	3	15	0.3
longcat-2.0	c	1000000	131072	0.7746	3.0984	0.015492
mai-thinking-1	c	256000	64000	2	8
mimo-v2-omni	c	256000		0.44	2.2	0.088
mimo-v2-pro	c	1000000		1.1	3.3	0.22
minimax-m2.7	c	204800	204800	0.2958	1.1832	0.05916
minimax-m3	c	1000000	524288	0.288	1.152
muse-spark-1.2	c	1048576		1.375	4.675
qwen3-coder-next	c	262144	65536	0.137	0.548
qwen3.5-122b-a10b	c	262144	65536	0.1126	0.9008
qwen3.5-397b-a17b	c	262144	65536	0.1644	0.9864
qwen3.6-27b	c	262144	65536	0.422	2.532
qwen3.6-35b-a3b	c	262144	65536	0.254	1.524
qwen3.6-max-preview	c	262144	65536	1.268	7.608	0.1268	1.585
qwen3.7-plus	c	1000000	131072	0.282	1.128	0.0564	0.3525
qwen3.8-2.4t-a95b	c	1000000	131072	2	6	0.5
qwen3.8-flash	c	1000000	131072	0.1126	0.380025	0.014075	0.175937
qwen3.8-max	c	1000000	131072	1.69	5.07	0.169	2.1125
step-3.7-flash	c	256000		0.22	1.32	0.044
"""

    private static let azure: StaticString = """
ada	e	8191		0.11	0
apac/gpt-6.1-sol	c	922000	128000	2.4	12	0.12	3						272000=4.8/18/0.24/6
apac/gpt-6.1-terra	c	922000	128000	1.2	6	0.06	1.5						272000=2.4/9/0.12/3
chat-latest	c	272000	128000	5	30	0.5
codex-mini	r	200000	100000	1.5	6	0.375
command-r-plus	c	128000	4096	3	15
computer-use-preview	c	8192	1024	3	12
container	c
eu/codex-mini	r			1.65	6.6	0.413
eu/computer-use-preview	c			3.3	13.2
eu/gpt-4.1	c			2.2	8.8	0.55
eu/gpt-4.1-mini	c			0.44	1.76	0.11
eu/gpt-4.1-nano	c			0.11	0.44	0.028
eu/gpt-4o	c	128000	16384	2.75	11	1.375	1.38
eu/gpt-4o-2024-05-13	c	128000	4096	5.5	16.5
eu/gpt-4o-2024-08-06	c	128000	16384	2.75	11	1.375
eu/gpt-4o-2024-11-20	c	128000	16384	2.75	11	1.375	1.38
eu/gpt-4o-mini	c	128000	16384	0.165	0.66	0.083
eu/gpt-4o-mini-2024-07-18	c	128000	16384	0.165	0.66	0.083
eu/gpt-5	c			1.375	11	0.1375
eu/gpt-5-2025-08-07	c	272000	128000	1.375	11	0.1375
eu/gpt-5-codex	r			1.375	11	0.138
eu/gpt-5-mini	c			0.275	2.2	0.0275
eu/gpt-5-mini-2025-08-07	c	272000	128000	0.275	2.2	0.0275
eu/gpt-5-nano	c			0.055	0.44	0.0055
eu/gpt-5-nano-2025-08-07	c	272000	128000	0.055	0.44	0.0055
eu/gpt-5-pro	r			16.5	132
eu/gpt-5.1	c	272000	128000	1.375	11	0.1375
eu/gpt-5.1-chat	c	111616	16384	1.375	11	0.1375
eu/gpt-5.1-codex	r	272000	128000	1.375	11	0.1375
eu/gpt-5.1-codex-max	r			1.375	11	0.1375
eu/gpt-5.1-codex-mini	r	272000	128000	0.275	2.2	0.0275
eu/gpt-5.2	c			1.925	15.4	0.1925
eu/gpt-5.2-chat	c	111616	16384	1.925	15.4	0.1925
eu/gpt-5.2-codex	r			1.925	15.4	0.1925
eu/gpt-5.2-pro	r			23.1	184.8
eu/gpt-5.3-chat	c	111616	16384	1.925	15.4	0.1925
eu/gpt-5.3-codex	r			1.925	15.4	0.1925
eu/gpt-5.4	c	922000	128000	2.75	16.5	0.275							272000=5.5/24.75/0.55
eu/gpt-5.4-2026-03-05	c	922000	128000	2.75	16.5	0.275							272000=5.5/24.75/0.55
eu/gpt-5.4-mini	c			0.825	4.95	0.0825
eu/gpt-5.4-nano	c			0.22	1.375	0.022
eu/gpt-5.4-pro	r			33	198								272000=66/297
eu/gpt-5.5	c	922000	128000	5.5	33	0.55							272000=11/49.5/1.1
eu/gpt-5.5-2026-04-23	c	922000	128000	5.5	33	0.55							272000=11/49.5/1.1
eu/gpt-5.5-2026-04-24	c	922000	128000	5.5	33	0.55							272000=11/49.5/1.1
eu/gpt-5.6	c	922000	128000	4.4	22	0.44	5.5						272000=8.8/33/0.88/11
eu/gpt-5.6-luna	c	922000	128000	0.22	1.32	0.022	0.275						272000=0.44/1.98/0.044/0.55
eu/gpt-5.6-sol	c	922000	128000	4.4	22	0.44	5.5						272000=8.8/33/0.88/11
eu/gpt-5.6-terra	c	922000	128000	2.2	13.2	0.22	2.75						272000=4.4/19.8/0.44/5.5
eu/gpt-6-astra	c	922000	128000	12	60	1.2	15						272000=24/90/2.4/30
eu/gpt-6-luna	c	922000	128000	0.12	0.6	0.012	0.15						272000=0.24/0.9/0.024/0.3
eu/gpt-6-sol	c	922000	128000	2.4	12	0.24	3						272000=4.8/18/0.48/6
eu/gpt-6.1-sol	c	922000	128000	2.4	12	0.12	3						272000=4.8/18/0.24/6
eu/gpt-6.1-terra	c	922000	128000	1.2	6	0.06	1.5						272000=2.4/9/0.12/3
eu/o1	c	200000	100000	16.5	66	8.25
eu/o1-2024-12-17	c	200000	100000	16.5	66	8.25
eu/o1-mini	c			1.21	4.84	0.605
eu/o1-mini-2024-09-12	c	128000	65536	1.21	4.84	0.605
eu/o1-preview	c	128000	32768	16.5	66	8.25
eu/o3	c	200000	100000	2.2	8.8	0.55
eu/o3-2025-04-16	c	200000	100000	2.2	8.8	0.55
eu/o3-deep-research	c			11	44	2.75
eu/o3-mini	c	200000	100000	1.21	4.84	0.605
eu/o3-mini-2025-01-31	c	200000	100000	1.21	4.84	0.605
eu/o4-mini	c	200000	100000	1.21	4.84	0.303
eu/o4-mini-2025-04-16	c	200000	100000	1.21	4.84	0.303
eu/text-embedding-3-large	e			0.143	0
eu/text-embedding-3-small	e			0.022	0
eu/text-embedding-ada-002	e			0.11	0
global-standard/gpt-4o-2024-08-06	c	128000	16384	2.5	10	1.25
global-standard/gpt-4o-2024-11-20	c	128000	16384	2.5	10	1.25
global-standard/gpt-4o-mini	c	128000	16384	0.15	0.6
global/gpt-4o-2024-08-06	c	128000	16384	2.5	10	1.25
global/gpt-4o-2024-11-20	c	128000	16384	2.5	10	1.25
global/gpt-5.1	c	272000	128000	1.25	10	0.125
global/gpt-5.1-codex	r	272000	128000	1.25	10	0.125
global/gpt-5.1-codex-mini	r	272000	128000	0.25	2	0.025
gpt-3.5-turbo	c	4097	4096	0.5	1.5
gpt-3.5-turbo-instruct-0914	t	4097	4097	1.65	2.2
gpt-35-turbo	c	4097	4096	0.5	1.5
gpt-35-turbo-16k	c	16385	4096	3	4
gpt-35-turbo-16k-0613	c	16385	4096	3	4
gpt-35-turbo-instruct	t	4097	4097	1.65	2.2
gpt-35-turbo-instruct-0914	t	4097	4097	1.65	2.2
gpt-4	c	8192	4096	30	60
gpt-4-0125-preview	c	128000	4096	10	30
gpt-4-0613	c	8192	4096	30	60
gpt-4-1106-preview	c	128000	4096	10	30
gpt-4-32k	c	32768	4096	60	120
gpt-4-32k-0613	c	32768	4096	60	120
gpt-4-turbo	c	128000	4096	11	33
gpt-4-turbo-2024-04-09	c	128000	4096	11	33
gpt-4-turbo-vision-preview	c	128000	4096	11	33
gpt-4.1	c	1047576	32768	2	8	0.5
gpt-4.1-2025-04-14	c	1047576	32768	2	8	0.5
gpt-4.1-mini	c	1047576	32768	0.4	1.6	0.1
gpt-4.1-mini-2025-04-14	c	1047576	32768	0.4	1.6	0.1
gpt-4.1-nano	c	1047576	32768	0.1	0.4	0.025
gpt-4.1-nano-2025-04-14	c	1047576	32768	0.1	0.4	0.025
gpt-4.5-preview	c	128000	16384	75	150	37.5
gpt-4o	c	128000	16384	2.5	10	1.25
gpt-4o-2024-05-13	c	128000	4096	5	15
gpt-4o-2024-08-06	c	128000	16384	2.5	10	1.25
gpt-4o-2024-11-20	c	128000	16384	2.5	10	1.25
gpt-4o-audio-preview-2024-12-17	c	128000	16384	2.5	10					40	80
gpt-4o-mini	c	128000	16384	0.15	0.6	0.075
gpt-4o-mini-2024-07-18	c	128000	16384	0.15	0.6	0.075
gpt-4o-mini-audio-preview-2024-12-17	c	128000	16384	0.15	0.6					10	20
gpt-5	c	272000	128000	1.25	10	0.125
gpt-5-2025-08-07	c	272000	128000	1.25	10	0.125
gpt-5-chat	c	128000	16384	1.25	10	0.125
gpt-5-codex	r	272000	128000	1.25	10	0.125
gpt-5-mini	c	272000	128000	0.25	2	0.025
gpt-5-mini-2025-08-07	c	272000	128000	0.25	2	0.025
gpt-5-nano	c	272000	128000	0.05	0.4	0.005
gpt-5-nano-2025-08-07	c	272000	128000	0.05	0.4	0.005
gpt-5-pro	r	272000	128000	15	120
gpt-5.1	c	272000	128000	1.25	10	0.125
gpt-5.1-2025-11-13	c	272000	128000	1.25	10	0.125
gpt-5.1-chat	c	111616	16384	1.25	10	0.125
gpt-5.1-codex	r	272000	128000	1.25	10	0.125
gpt-5.1-codex-2025-11-13	r	272000	128000	1.25	10	0.125
gpt-5.1-codex-max	r	272000	128000	1.25	10	0.125
gpt-5.1-codex-mini	r	272000	128000	0.25	2	0.025
gpt-5.1-codex-mini-2025-11-13	r	272000	128000	0.25	2	0.025
gpt-5.2	c	272000	128000	1.75	14	0.175
gpt-5.2-2025-12-11	c	272000	128000	1.75	14	0.175
gpt-5.2-chat	c	111616	16384	1.75	14	0.175
gpt-5.2-codex	r	272000	128000	1.75	14	0.175
gpt-5.2-pro	r	272000	128000	21	168
gpt-5.2-pro-2025-12-11	r	272000	128000	21	168
gpt-5.3-chat	c	111616	16384	1.75	14	0.175
gpt-5.3-codex	r	272000	128000	1.75	14	0.175
gpt-5.4	c	922000	128000	2.5	15	0.25							272000=5/22.5/0.5
gpt-5.4-2026-03-05	c	922000	128000	2.5	15	0.25							272000=5/22.5/0.5
gpt-5.4-mini	c	272000	128000	0.75	4.5	0.075
gpt-5.4-mini-2026-03-17	c	272000	128000	0.75	4.5	0.075
gpt-5.4-nano	c	272000	128000	0.2	1.25	0.02
gpt-5.4-nano-2026-03-17	c	272000	128000	0.2	1.25	0.02
gpt-5.4-pro	r	922000	128000	30	180	3							272000=60/270/6
gpt-5.4-pro-2026-03-05	r	922000	128000	30	180	3							272000=60/270/6
gpt-5.5	c	922000	128000	5	30	0.5							272000=10/45/1
gpt-5.5-2026-04-23	c	922000	128000	5	30	0.5							272000=10/45/1
gpt-5.5-2026-04-24	c	922000	128000	5	30	0.5							272000=10/45/1
gpt-5.5-pro	r	1050000	128000	30	180	3							272000=60/270/6
gpt-5.5-pro-2026-04-23	r	1050000	128000	30	180	3							272000=60/270/6
gpt-5.6	c	922000	128000	4	20	0.4	5						272000=8/30/0.8/10
gpt-5.6-luna	c	922000	128000	0.2	1.2	0.02	0.25						272000=0.4/1.8/0.04/0.5
gpt-5.6-luna-2026-07-09	c	922000	128000	0.2	1.2	0.02	0.25						272000=0.4/1.8/0.04/0.5
gpt-5.6-sol	c	922000	128000	4	20	0.4	5						272000=8/30/0.8/10
gpt-5.6-sol-2026-07-09	c	922000	128000	4	20	0.4	5						272000=8/30/0.8/10
gpt-5.6-terra	c	922000	128000	2	12	0.2	2.5						272000=4/18/0.4/5
gpt-5.6-terra-2026-07-09	c	922000	128000	2	12	0.2	2.5						272000=4/18/0.4/5
gpt-6-astra	c	922000	128000	10	50	1	12.5						272000=20/75/2/25
gpt-6-astra-2026-09-03	c	922000	128000	10	50	1	12.5						272000=20/75/2/25
gpt-6-luna	c	922000	128000	0.1	0.5	0.01	0.125						272000=0.2/0.75/0.02/0.25
gpt-6-luna-2026-09-22	c	922000	128000	0.1	0.5	0.01	0.125						272000=0.2/0.75/0.02/0.25
gpt-6-sol	c	922000	128000	2	10	0.2	2.5						272000=4/15/0.4/5
gpt-6-sol-2026-09-22	c	922000	128000	2	10	0.2	2.5						272000=4/15/0.4/5
gpt-6.1-sol	c	922000	128000	2	10	0.1	2.5						272000=4/15/0.2/5
gpt-6.1-sol-2026-09-29	c	922000	128000	2	10	0.1	2.5						272000=4/15/0.2/5
gpt-6.1-terra	c	922000	128000	1	5	0.05	1.25						272000=2/7.5/0.1/2.5
gpt-audio	c	128000	16384	2.5	10					40	80
gpt-audio-1.5	c	128000	16384	2.5	10					32	64
gpt-audio-1.5-2026-02-23	c	128000	16384	2.5	10					32	64
gpt-audio-2025-08-28	c	128000	16384	2.5	10					40	80
gpt-audio-mini	c	128000	16384	0.6	2.4					10	20
gpt-audio-mini-2025-10-06	c	128000	16384	0.6	2.4					10	20
gpt-chat-latest	c	128000	128000	5	30	0.5
mistral-large-2402	c	32000	32000	8	24
mistral-large-latest	c	32000	32000	8	24
model-router	c	200000	32768	0.14	0
o1	c	200000	100000	15	60	7.5
o1-2024-12-17	c	200000	100000	15	60	7.5
o1-mini	c	128000	65536	1.1	4.4	0.55
o1-mini-2024-09-12	c	128000	65536	1.1	4.4	0.55
o3	c	200000	100000	2	8	0.5
o3-2025-04-16	c	200000	100000	2	8	0.5
o3-deep-research	r	200000	100000	10	40	2.5
o3-mini	c	200000	100000	1.1	4.4	0.55
o3-mini-2025-01-31	c	200000	100000	1.1	4.4	0.55
o3-pro	r	200000	100000	20	80
o3-pro-2025-06-10	r	200000	100000	20	80
o4-mini	c	200000	100000	1.1	4.4	0.275
o4-mini-2025-04-16	c	200000	100000	1.1	4.4	0.275
text-embedding-3-large	e	8192		0.143	0
text-embedding-3-small	e	8192		0.022	0
text-embedding-ada-002	e	8192		0.11	0
us-gov/gpt-5.1	c	272000	128000	1.71875	13.75	0.171875
us-gov/o3-mini	c	200000	100000	1.513	6.05	0.757
us-gov/text-embedding-3-large	e	8191		0.163	0
us-gov/text-embedding-3-small	e	8191		0.025	0
us/codex-mini	r			1.65	6.6	0.413
us/computer-use-preview	c			3.3	13.2
us/gpt-4.1	c			2.2	8.8	0.55
us/gpt-4.1-2025-04-14	c	1047576	32768	2.2	8.8	0.55
us/gpt-4.1-mini	c			0.44	1.76	0.11
us/gpt-4.1-mini-2025-04-14	c	1047576	32768	0.44	1.76	0.11
us/gpt-4.1-nano	c			0.11	0.44	0.028
us/gpt-4.1-nano-2025-04-14	c	1047576	32768	0.11	0.44	0.028
us/gpt-4o	c	128000	16384	2.75	11	1.375	1.38
us/gpt-4o-2024-05-13	c	128000	4096	5.5	16.5
us/gpt-4o-2024-08-06	c	128000	16384	2.75	11	1.375
us/gpt-4o-2024-11-20	c	128000	16384	2.75	11	1.375	1.38
us/gpt-4o-mini	c	128000	16384	0.165	0.66	0.083
us/gpt-4o-mini-2024-07-18	c	128000	16384	0.165	0.66	0.083
us/gpt-5	c			1.375	11	0.1375
us/gpt-5-2025-08-07	c	272000	128000	1.375	11	0.1375
us/gpt-5-codex	r			1.375	11	0.138
us/gpt-5-mini	c			0.275	2.2	0.0275
us/gpt-5-mini-2025-08-07	c	272000	128000	0.275	2.2	0.0275
us/gpt-5-nano	c			0.055	0.44	0.0055
us/gpt-5-nano-2025-08-07	c	272000	128000	0.055	0.44	0.0055
us/gpt-5-pro	r			16.5	132
us/gpt-5.1	c	272000	128000	1.375	11	0.1375
us/gpt-5.1-chat	c	111616	16384	1.375	11	0.1375
us/gpt-5.1-codex	r	272000	128000	1.375	11	0.1375
us/gpt-5.1-codex-max	r			1.375	11	0.1375
us/gpt-5.1-codex-mini	r	272000	128000	0.275	2.2	0.0275
us/gpt-5.2	c			1.925	15.4	0.1925
us/gpt-5.2-chat	c	111616	16384	1.925	15.4	0.1925
us/gpt-5.2-codex	r			1.925	15.4	0.1925
us/gpt-5.2-pro	r			23.1	184.8
us/gpt-5.3-chat	c	111616	16384	1.925	15.4	0.1925
us/gpt-5.3-codex	r			1.925	15.4	0.1925
us/gpt-5.4	c	922000	128000	2.75	16.5	0.275							272000=5.5/24.75/0.55
us/gpt-5.4-2026-03-05	c	922000	128000	2.75	16.5	0.275							272000=5.5/24.75/0.55
us/gpt-5.4-mini	c			0.825	4.95	0.0825
us/gpt-5.4-nano	c			0.22	1.375	0.022
us/gpt-5.4-pro	r			33	198								272000=66/297
us/gpt-5.5	c	922000	128000	5.5	33	0.55							272000=11/49.5/1.1
us/gpt-5.5-2026-04-23	c	922000	128000	5.5	33	0.55							272000=11/49.5/1.1
us/gpt-5.5-2026-04-24	c	922000	128000	5.5	33	0.55							272000=11/49.5/1.1
us/gpt-5.6	c	922000	128000	4.4	22	0.44	5.5						272000=8.8/33/0.88/11
us/gpt-5.6-luna	c	922000	128000	0.22	1.32	0.022	0.275						272000=0.44/1.98/0.044/0.55
us/gpt-5.6-sol	c	922000	128000	4.4	22	0.44	5.5						272000=8.8/33/0.88/11
us/gpt-5.6-terra	c	922000	128000	2.2	13.2	0.22	2.75						272000=4.4/19.8/0.44/5.5
us/gpt-6-astra	c	922000	128000	11	55	1.1	13.75						272000=22/82.5/2.2/27.5
us/gpt-6-luna	c	922000	128000	0.11	0.55	0.011	0.1375						272000=0.22/0.825/0.022/0.275
us/gpt-6-sol	c	922000	128000	2.2	11	0.22	2.75						272000=4.4/16.5/0.44/5.5
us/gpt-6.1-sol	c	922000	128000	2.2	11	0.11	2.75						272000=4.4/16.5/0.22/5.5
us/gpt-6.1-terra	c	922000	128000	1.1	5.5	0.055	1.375						272000=2.2/8.25/0.11/2.75
us/gpt-chat-latest	c	128000	128000	5.5	33	0.55
us/o1	c	200000	100000	16.5	66	8.25
us/o1-2024-12-17	c	200000	100000	16.5	66	8.25
us/o1-mini	c			1.21	4.84	0.605
us/o1-mini-2024-09-12	c	128000	65536	1.21	4.84	0.605
us/o1-preview	c	128000	32768	16.5	66	8.25
us/o3	c	200000	100000	2.2	8.8	0.55
us/o3-2025-04-16	c	200000	100000	2.2	8.8	0.55
us/o3-deep-research	c			11	44	2.75
us/o3-mini	c	200000	100000	1.21	4.84	0.605
us/o3-mini-2025-01-31	c	200000	100000	1.21	4.84	0.605
us/o4-mini	c	200000	100000	1.21	4.84	0.303
us/o4-mini-2025-04-16	c	200000	100000	1.21	4.84	0.303
us/text-embedding-3-large	e			0.143	0
us/text-embedding-3-small	e			0.022	0
us/text-embedding-ada-002	e			0.11	0
"""

    private static let bedrock: StaticString = """
*/1-month-commitment/cohere.command-light-text-v14	c	4096	4096
*/1-month-commitment/cohere.command-text-v14	c	4096	4096
*/6-month-commitment/cohere.command-light-text-v14	c	4096	4096
*/6-month-commitment/cohere.command-text-v14	c	4096	4096
ai21.j2-mid-v1	c	8191	8191	12.5	12.5
ai21.j2-ultra-v1	c	8191	8191	18.8	18.8
ai21.jamba-1-5-large-v1:0	c	256000	4096	2	8
ai21.jamba-1-5-mini-v1:0	c	256000	4096	0.2	0.4
ai21.jamba-instruct-v1:0	c	70000	4096	0.5	0.7
amazon.nova-2-lite-v1:0	c	1000000	64000	0.3	2.5	0.075
amazon.nova-2-multimodal-embeddings-v1:0	e	8172		0.135	0
amazon.nova-2-pro-preview-20251202-v1:0	c	1000000	64000	1.25	10	0.3125				1.25
amazon.nova-lite-v1:0	c	300000	10000	0.06	0.24	0.015
amazon.nova-micro-v1:0	c	128000	10000	0.035	0.14	0.00875
amazon.nova-premier-v1:0	c	1000000	10000	2.5	12.5	0.625
amazon.nova-pro-v1:0	c	300000	10000	0.8	3.2	0.2
amazon.titan-embed-g1-text-02	e	8192		0.1	0
amazon.titan-embed-image-v1	e	128		0.8	0
amazon.titan-embed-text-v1	e	8192		0.1	0
amazon.titan-embed-text-v2:0	e	8192		0.02	0
amazon.titan-text-express-v1	c	42000	8000	0.2	0.6
amazon.titan-text-lite-v1	c	42000	4000	0.15	0.2
amazon.titan-text-premier-v1:0	c	42000	32000	0.5	1.5
anthropic.claude-3-5-haiku-20241022-v1:0	c	200000	8192	0.8	4	0.08	1
anthropic.claude-3-5-sonnet-20240620-v1:0	c	200000	4096	3	15	0.3	3.75
anthropic.claude-3-5-sonnet-20241022-v2:0	c	200000	8192	3	15	0.3	3.75
anthropic.claude-3-7-sonnet-20240620-v1:0	c	200000	8192	3.6	18	0.36	4.5
anthropic.claude-3-7-sonnet-20250219-v1:0	c	200000	8192	3	15	0.3	3.75
anthropic.claude-3-opus-20240229-v1:0	c	200000	4096	15	75	1.5	18.75
anthropic.claude-fable-5	c	1000000	128000	10	50	1	12.5	20
anthropic.claude-fable-5-1	c	1000000	128000	10	50	0.25	12.5	20
anthropic.claude-haiku-4-5-20251001-v1:0	c	200000	64000	1	5	0.1	1.25	2
anthropic.claude-haiku-4-5@20251001	c	200000	64000	1	5	0.1	1.25	2
anthropic.claude-haiku-5-5	c	1000000	128000	0.1	0.5	0.01	0.125	0.2					100000=0.5/2.5/0.05/0.625/1
anthropic.claude-instant-v1	c	100000	8191	0.8	2.4
anthropic.claude-mythos-5-1	c	1000000	128000	10	50	0.25	12.5	20
anthropic.claude-mythos-preview	c	1000000	128000	27.5	137.5	2.75	34.375	55
anthropic.claude-opus-4-1-20250805-v1:0	c	200000	32000	15	75	1.5	18.75
anthropic.claude-opus-4-20250514-v1:0	c	200000	32000	15	75	1.5	18.75
anthropic.claude-opus-4-5-20251101-v1:0	c	200000	64000	5	25	0.5	6.25	10
anthropic.claude-opus-4-6-v1	c	1000000	128000	5	25	0.5	6.25	10
anthropic.claude-opus-4-7	c	1000000	128000	5	25	0.5	6.25	10
anthropic.claude-opus-4-8	c	1000000	128000	5	25	0.5	6.25	10
anthropic.claude-opus-5	c	1000000	128000	5	25	0.5	6.25	10
anthropic.claude-opus-5-5	c	1000000	128000	4	20	0.2	5	8
anthropic.claude-sonnet-4-20250514-v1:0	c	200000	64000	3	15	0.3	3.75						200000=6/22.5/0.6/7.5
anthropic.claude-sonnet-4-5-20250929-v1:0	c	200000	64000	3	15	0.3	3.75	6					200000=6/22.5/0.6/7.5/12
anthropic.claude-sonnet-4-6	c	1000000	64000	3	15	0.3	3.75	6
anthropic.claude-sonnet-5	c	1000000	128000	2	10	0.2	2.5	4
anthropic.claude-sonnet-5-5	c	1000000	128000	2	10	0.1	2.5	4
anthropic.claude-v1	c	100000	8191	8	24
anthropic.claude-v2:1	c	100000	8191	8	24
ap-northeast-1/1-month-commitment/anthropic.claude-instant-v1	c	100000	8191
ap-northeast-1/1-month-commitment/anthropic.claude-v1	c	100000	8191
ap-northeast-1/1-month-commitment/anthropic.claude-v2:1	c	100000	8191
ap-northeast-1/6-month-commitment/anthropic.claude-instant-v1	c	100000	8191
ap-northeast-1/6-month-commitment/anthropic.claude-v1	c	100000	8191
ap-northeast-1/6-month-commitment/anthropic.claude-v2:1	c	100000	8191
ap-northeast-1/anthropic.claude-instant-v1	c	100000	8191	2.23	7.55
ap-northeast-1/anthropic.claude-v1	c	100000	8191	8	24
ap-northeast-1/anthropic.claude-v2:1	c	100000	8191	8	24
ap-northeast-1/deepseek.v3.2	c	163840	8000	0.74	2.22
ap-northeast-1/minimax.minimax-m2.1	c	196000	8192	0.36	1.44
ap-northeast-1/minimax.minimax-m2.5	c	196000	8192	0.36	1.44
ap-northeast-1/mistral.voxtral-mini-3b-2507	c	32768	8192	0.05	0.05
ap-northeast-1/mistral.voxtral-small-24b-2507	c	32768	8192	0.12	0.36
ap-northeast-1/moonshotai.kimi-k2-thinking	c	262144	16000	0.73	3.03
ap-northeast-1/moonshotai.kimi-k2.5	c	262144	16000	0.72	3.6
ap-northeast-1/qwen.qwen3-coder-next	c	262144	16384	0.6	1.44
ap-northeast-1/qwen.qwen3-next-80b-a3b	c	262144	8192	0.18	1.45
ap-south-1/deepseek.v3.2	c	163840	8000	0.74	2.22
ap-south-1/meta.llama3-70b-instruct-v1:0	c	8192	8192	3.18	4.2
ap-south-1/meta.llama3-8b-instruct-v1:0	c	8192	8192	0.36	0.72
ap-south-1/minimax.minimax-m2.1	c	196000	8192	0.36	1.44
ap-south-1/minimax.minimax-m2.5	c	196000	8192	0.36	1.44
ap-south-1/moonshotai.kimi-k2-thinking	c	262144	16000	0.71	2.94
ap-south-1/moonshotai.kimi-k2.5	c	262144	16000	0.72	3.6
ap-south-1/qwen.qwen3-coder-next	c	262144	16384	0.6	1.44
ap-south-1/qwen.qwen3-next-80b-a3b	c	262144	8192	0.18	1.41
ap-southeast-2/minimax.minimax-m2.5	c	196000	8192	0.31	1.24
ap-southeast-2/mistral.voxtral-mini-3b-2507	c	32768	8192	0.0412	0.0412
ap-southeast-2/mistral.voxtral-small-24b-2507	c	32768	8192	0.103	0.309
ap-southeast-2/qwen.qwen3-next-80b-a3b	c	262144	8192	0.1545	1.236
ap-southeast-3/deepseek.v3.2	c	163840	8000	0.74	2.22
ap-southeast-3/minimax.minimax-m2.1	c	196000	8192	0.36	1.44
ap-southeast-3/minimax.minimax-m2.5	c	196000	8192	0.36	1.44
ap-southeast-3/moonshotai.kimi-k2.5	c	262144	16000	0.72	3.6
ap-southeast-3/qwen.qwen3-coder-next	c	262144	16384	0.6	1.44
apac.amazon.nova-2-lite-v1:0	c	1000000	64000	0.396	3.311	0.099
apac.amazon.nova-2-pro-preview-20251202-v1:0	c	1000000	64000	1.375	11	0.34375				1.375
apac.amazon.nova-lite-v1:0	c	300000	10000	0.063	0.252	0.01575
apac.amazon.nova-micro-v1:0	c	128000	10000	0.037	0.148	0.00925
apac.amazon.nova-pro-v1:0	c	300000	10000	0.84	3.36	0.21
apac.anthropic.claude-fable-5	c	1000000	128000	11	55	1.1	13.75	22
apac.anthropic.claude-haiku-4-5-20251001-v1:0	c	200000	64000	1.1	5.5	0.11	1.375
apac.anthropic.claude-haiku-5-5	c	1000000	128000	0.11	0.55	0.011	0.1375	0.22					100000=0.55/2.75/0.055/0.6875/1.1
apac.anthropic.claude-mythos-preview	c	1000000	128000	27.5	137.5	2.75	34.375	55
apac.anthropic.claude-opus-4-7	c	1000000	128000	5.5	27.5	0.55	6.875	11
apac.anthropic.claude-opus-4-8	c	1000000	128000	5.5	27.5	0.55	6.875	11
apac.anthropic.claude-opus-5	c	1000000	128000	5.5	27.5	0.55	6.875	11
apac.anthropic.claude-opus-5-5	c	1000000	128000	4.4	22	0.22	5.5	8.8
apac.anthropic.claude-sonnet-4-20250514-v1:0	c	200000	64000	3	15	0.3	3.75						200000=6/22.5/0.6/7.5
apac.anthropic.claude-sonnet-4-6	c	1000000	64000	3.3	16.5	0.33	4.125	6.6
apac.anthropic.claude-sonnet-5	c	1000000	128000	2.2	11	0.22	2.75	4.4
apac.anthropic.claude-sonnet-5-5	c	1000000	128000	2.2	11	0.11	2.75	4.4
au.anthropic.claude-fable-5	c	1000000	128000	11	55	1.1	13.75	22
au.anthropic.claude-haiku-4-5-20251001-v1:0	c	200000	64000	1.1	5.5	0.11	1.375	2.2
au.anthropic.claude-haiku-5-5	c	1000000	128000	0.11	0.55	0.011	0.1375	0.22					100000=0.55/2.75/0.055/0.6875/1.1
au.anthropic.claude-mythos-preview	c	1000000	128000	27.5	137.5	2.75	34.375	55
au.anthropic.claude-opus-4-6-v1	c	1000000	128000	5.5	27.5	0.55	6.875	11
au.anthropic.claude-opus-4-7	c	1000000	128000	5.5	27.5	0.55	6.875	11
au.anthropic.claude-opus-4-8	c	1000000	128000	5.5	27.5	0.55	6.875	11
au.anthropic.claude-opus-5	c	1000000	128000	5.5	27.5	0.55	6.875	11
au.anthropic.claude-opus-5-5	c	1000000	128000	4.4	22	0.22	5.5	8.8
au.anthropic.claude-sonnet-4-5-20250929-v1:0	c	200000	64000	3.3	16.5	0.33	4.125	6.6					200000=6.6/24.75/0.66/8.25/13.2
au.anthropic.claude-sonnet-4-6	c	1000000	64000	3.3	16.5	0.33	4.125	6.6
au.anthropic.claude-sonnet-5	c	1000000	128000	2.2	11	0.22	2.75	4.4
au.anthropic.claude-sonnet-5-5	c	1000000	128000	2.2	11	0.11	2.75	4.4
ca-central-1/meta.llama3-70b-instruct-v1:0	c	8192	8192	3.05	4.03
ca-central-1/meta.llama3-8b-instruct-v1:0	c	8192	8192	0.35	0.69
claude-sonnet-4-5-20250929-v1:0	c	200000	64000	3	15	0.3	3.75	6					200000=6/22.5/0.6/7.5/12
claude_platform/claude-fable-5	c	1000000	128000	10	50	1	12.5	20
claude_platform/claude-fable-5-1	c	1000000	128000	10	50	0.25	12.5	20
claude_platform/claude-haiku-4-5	c	200000	64000	1	5	0.1	1.25	2
claude_platform/claude-haiku-5-5	c	1000000	128000	0.1	0.5	0.01	0.125	0.2					100000=0.5/2.5/0.05/0.625/1
claude_platform/claude-opus-4-5	c	200000	64000	5	25	0.5	6.25	10
claude_platform/claude-opus-4-6	c	1000000	128000	5	25	0.5	6.25	10
claude_platform/claude-opus-4-7	c	1000000	128000	5	25	0.5	6.25	10
claude_platform/claude-opus-4-8	c	1000000	128000	5	25	0.5	6.25	10
claude_platform/claude-opus-5	c	1000000	128000	5	25	0.5	6.25	10
claude_platform/claude-opus-5-5	c	1000000	128000	4	20	0.2	5	8
claude_platform/claude-sonnet-4-5	c	200000	64000	3	15	0.3	3.75	6
claude_platform/claude-sonnet-4-6	c	1000000	128000	3	15	0.3	3.75	6
claude_platform/claude-sonnet-5	c	1000000	128000	2	10	0.2	2.5	4
claude_platform/claude-sonnet-5-5	c	1000000	128000	2	10	0.1	2.5	4
cohere.command-light-text-v14	c	4096	4096	0.3	0.6
cohere.command-text-v14	c	4096	4096	1	2
cohere.embed-english-v3	e	512		0.1	0
cohere.embed-multilingual-v3	e	512		0.1	0
cohere.embed-v4:0	e	128000		0.12	0
deepseek.r1-v1:0	c	128000	8192	1.35	5.4
deepseek.v3-v1:0	c	128000	8000	0.58	1.68
deepseek.v3.2	c	164000	8000	0.62	1.85
eu-central-1/1-month-commitment/anthropic.claude-instant-v1	c	100000	8191
eu-central-1/1-month-commitment/anthropic.claude-v1	c	100000	8191
eu-central-1/1-month-commitment/anthropic.claude-v2:1	c	100000	8191
eu-central-1/6-month-commitment/anthropic.claude-instant-v1	c	100000	8191
eu-central-1/6-month-commitment/anthropic.claude-v1	c	100000	8191
eu-central-1/6-month-commitment/anthropic.claude-v2:1	c	100000	8191
eu-central-1/anthropic.claude-instant-v1	c	100000	8191	2.48	8.38
eu-central-1/anthropic.claude-v1	c	100000	8191	8	24
eu-central-1/anthropic.claude-v2:1	c	100000	8191	8	24
eu-central-1/minimax.minimax-m2.1	c	196000	8192	0.36	1.44
eu-central-1/minimax.minimax-m2.5	c	196000	8192	0.36	1.44
eu-central-1/qwen.qwen3-coder-next	c	262144	16384	0.6	1.44
eu-north-1/deepseek.v3.2	c	163840	8000	0.74	2.22
eu-north-1/minimax.minimax-m2.1	c	196000	8192	0.36	1.44
eu-north-1/minimax.minimax-m2.5	c	196000	8192	0.36	1.44
eu-north-1/moonshotai.kimi-k2.5	c	262144	16000	0.72	3.6
eu-south-1/minimax.minimax-m2.1	c	196000	8192	0.36	1.44
eu-south-1/minimax.minimax-m2.5	c	196000	8192	0.36	1.44
eu-south-1/qwen.qwen3-coder-next	c	262144	16384	0.6	1.44
eu-west-1/meta.llama3-70b-instruct-v1:0	c	8192	8192	2.86	3.78
eu-west-1/meta.llama3-8b-instruct-v1:0	c	8192	8192	0.32	0.65
eu-west-1/minimax.minimax-m2.1	c	196000	8192	0.36	1.44
eu-west-1/minimax.minimax-m2.5	c	196000	8192	0.36	1.44
eu-west-1/qwen.qwen3-coder-next	c	262144	16384	0.6	1.44
eu-west-1/qwen.qwen3-next-80b-a3b	c	262144	8192	0.18	1.41
eu-west-2/meta.llama3-70b-instruct-v1:0	c	8192	8192	3.45	4.55
eu-west-2/meta.llama3-8b-instruct-v1:0	c	8192	8192	0.39	0.78
eu-west-2/minimax.minimax-m2.1	c	196000	8192	0.47	1.86
eu-west-2/minimax.minimax-m2.5	c	196000	8192	0.47	1.86
eu-west-2/mistral.voxtral-mini-3b-2507	c	32768	8192	0.06	0.06
eu-west-2/mistral.voxtral-small-24b-2507	c	32768	8192	0.16	0.47
eu-west-2/nvidia.nemotron-super-3-120b	c	256000	32000	0.23	1.01
eu-west-2/qwen.qwen3-coder-next	c	262144	16384	0.78	1.86
eu-west-2/qwen.qwen3-next-80b-a3b	c	262144	8192	0.23	1.86
eu-west-3/mistral.mistral-7b-instruct-v0:2	c	32000	4096	0.2	0.26
eu-west-3/mistral.mistral-large-2402-v1:0	c	32000	4096	5.2	15.6
eu-west-3/mistral.mixtral-8x7b-instruct-v0:1	c	32000	4096	0.59	0.91
eu.amazon.nova-2-lite-v1:0	c	1000000	64000	0.429	3.597	0.10725
eu.amazon.nova-2-pro-preview-20251202-v1:0	c	1000000	64000	1.375	11	0.34375				1.375
eu.amazon.nova-lite-v1:0	c	300000	10000	0.078	0.312	0.0195
eu.amazon.nova-micro-v1:0	c	128000	10000	0.046	0.184	0.0115
eu.amazon.nova-pro-v1:0	c	300000	10000	1.05	4.2	0.2625
eu.anthropic.claude-3-5-haiku-20241022-v1:0	c	200000	8192	0.8	4	0.08	1
eu.anthropic.claude-3-5-sonnet-20240620-v1:0	c	200000	4096	3	15	0.3	3.75
eu.anthropic.claude-3-5-sonnet-20241022-v2:0	c	200000	8192	3	15	0.3	3.75
eu.anthropic.claude-3-7-sonnet-20250219-v1:0	c	200000	8192	3	15	0.3	3.75
eu.anthropic.claude-3-opus-20240229-v1:0	c	200000	4096	15	75	1.5	18.75
eu.anthropic.claude-fable-5	c	1000000	128000	11	55	1.1	13.75	22
eu.anthropic.claude-fable-5-1	c	1000000	128000	11	55	0.275	13.75	22
eu.anthropic.claude-haiku-4-5-20251001-v1:0	c	200000	64000	1.1	5.5	0.11	1.375	2.2
eu.anthropic.claude-haiku-5-5	c	1000000	128000	0.11	0.55	0.011	0.1375	0.22					100000=0.55/2.75/0.055/0.6875/1.1
eu.anthropic.claude-opus-4-1-20250805-v1:0	c	200000	32000	15	75	1.5	18.75
eu.anthropic.claude-opus-4-20250514-v1:0	c	200000	32000	15	75	1.5	18.75
eu.anthropic.claude-opus-4-5-20251101-v1:0	c	200000	64000	5.5	27.5	0.55	6.875	11
eu.anthropic.claude-opus-4-6-v1	c	1000000	128000	5.5	27.5	0.55	6.875	11
eu.anthropic.claude-opus-4-7	c	1000000	128000	5.5	27.5	0.55	6.875	11
eu.anthropic.claude-opus-4-8	c	1000000	128000	5.5	27.5	0.55	6.875	11
eu.anthropic.claude-opus-5	c	1000000	128000	5.5	27.5	0.55	6.875	11
eu.anthropic.claude-opus-5-5	c	1000000	128000	4.4	22	0.22	5.5	8.8
eu.anthropic.claude-sonnet-4-20250514-v1:0	c	200000	64000	3	15	0.3	3.75						200000=6/22.5/0.6/7.5
eu.anthropic.claude-sonnet-4-5-20250929-v1:0	c	200000	64000	3.3	16.5	0.33	4.125	6.6					200000=6.6/24.75/0.66/8.25/13.2
eu.anthropic.claude-sonnet-4-6	c	1000000	64000	3.3	16.5	0.33	4.125	6.6
eu.anthropic.claude-sonnet-5	c	1000000	128000	2.2	11	0.22	2.75	4.4
eu.anthropic.claude-sonnet-5-5	c	1000000	128000	2.2	11	0.11	2.75	4.4
eu.deepseek.v3.2	c	163840	163840	0.74	2.22
eu.meta.llama3-2-1b-instruct-v1:0	c	128000	4096	0.13	0.13
eu.meta.llama3-2-3b-instruct-v1:0	c	128000	4096	0.19	0.19
eu.mistral.pixtral-large-2502-v1:0	c	128000	16384	2	6
eu.twelvelabs.marengo-embed-2-7-v1:0	e	77
eu.twelvelabs.marengo-embed-3-0-v1:0	e	500
eu.twelvelabs.pegasus-1-2-v1:0	c
global.amazon.nova-2-lite-v1:0	c	1000000	64000	0.3	2.5	0.075
global.anthropic.claude-fable-5	c	1000000	128000	10	50	1	12.5	20
global.anthropic.claude-fable-5-1	c	1000000	128000	10	50	0.25	12.5	20
global.anthropic.claude-haiku-4-5-20251001-v1:0	c	200000	64000	1	5	0.1	1.25	2
global.anthropic.claude-haiku-5-5	c	1000000	128000	0.1	0.5	0.01	0.125	0.2					100000=0.5/2.5/0.05/0.625/1
global.anthropic.claude-mythos-5-1	c	1000000	128000	10	50	0.25	12.5	20
global.anthropic.claude-opus-4-5-20251101-v1:0	c	200000	64000	5	25	0.5	6.25	10
global.anthropic.claude-opus-4-6-v1	c	1000000	128000	5	25	0.5	6.25	10
global.anthropic.claude-opus-4-7	c	1000000	128000	5	25	0.5	6.25	10
global.anthropic.claude-opus-4-8	c	1000000	128000	5	25	0.5	6.25	10
global.anthropic.claude-opus-5	c	1000000	128000	5	25	0.5	6.25	10
global.anthropic.claude-opus-5-5	c	1000000	128000	4	20	0.2	5	8
global.anthropic.claude-sonnet-4-20250514-v1:0	c	200000	64000	3	15	0.3	3.75						200000=6/22.5/0.6/7.5
global.anthropic.claude-sonnet-4-5-20250929-v1:0	c	200000	64000	3	15	0.3	3.75	6					200000=6/22.5/0.6/7.5/12
global.anthropic.claude-sonnet-4-6	c	1000000	64000	3	15	0.3	3.75	6
global.anthropic.claude-sonnet-5	c	1000000	128000	2	10	0.2	2.5	4
global.anthropic.claude-sonnet-5-5	c	1000000	128000	2	10	0.1	2.5	4
global.cohere.embed-v4:0	e	128000		0.12	0
global.moonshotai.kimi-k3	c	1000000	131072	3	15	0.3	3.75
global.openai.gpt-5.4	c	922000	128000	2.5	15	0.25							272000=5/22.5/0.5
global.openai.gpt-5.5	c	922000	128000	5	30	0.5							272000=10/45/1
global.openai.gpt-5.6-luna	c	922000	128000	0.2	1.2	0.02	0.25						272000=0.4/1.8/0.04/0.5
global.openai.gpt-5.6-sol	c	922000	128000	4	20	0.4	5						272000=8/30/0.8/10
global.openai.gpt-5.6-terra	c	922000	128000	2	12	0.2	2.5						272000=4/18/0.4/5
global.openai.gpt-6-astra	c	922000	128000	10	50	1	12.5						272000=20/75/2/25
global.openai.gpt-6-luna	c	922000	128000	0.1	0.5	0.01	0.125						272000=0.2/0.75/0.02/0.25
global.openai.gpt-6-sol	c	922000	128000	2	10	0.2	2.5						272000=4/15/0.4/5
global.openai.gpt-6.1-sol	c	1000000	131072	2	10	0.1	2.5						272000=4/15/0.2/5
global.openai.gpt-6.1-terra	c	922000	128000	1	5	0.05	1.25						272000=2/7.5/0.1/2.5
global.twelvelabs.pegasus-1-2-v1:0	c
global.twelvelabs.pegasus-1-5-v1:0	c	261120	98304
global.xai.grok-4.6	c	500000	500000	2	6	0.5
global.xai.grok-4.7	c	524288	524288	2	6	0.5
global.zai.glm-5.3	c	1000000	128000	1.68	5.28	0.312	2.1
google.gemma-3-12b-it	c	128000	8000	0.09	0.29
google.gemma-3-27b-it	c	128000	8000	0.23	0.38
google.gemma-3-4b-it	c	128000	8000	0.04	0.08
in.moonshotai.kimi-k3	c	1000000	131072	3.3	16.5	0.33	4.125
invoke/anthropic.claude-3-5-sonnet-20240620-v1:0	c	200000	4096	3	15	0.3	3.75
jp.amazon.nova-2-lite-v1:0	c	1000000	64000	0.396	3.311	0.099
jp.anthropic.claude-haiku-4-5-20251001-v1:0	c	200000	64000	1.1	5.5	0.11	1.375	2.2
jp.anthropic.claude-haiku-5-5	c	1000000	128000	0.11	0.55	0.011	0.1375	0.22					100000=0.55/2.75/0.055/0.6875/1.1
jp.anthropic.claude-opus-4-7	c	1000000	128000	5.5	27.5	0.55	6.875	11
jp.anthropic.claude-opus-4-8	c	1000000	128000	5.5	27.5	0.55	6.875	11
jp.anthropic.claude-opus-5	c	1000000	128000	5.5	27.5	0.55	6.875	11
jp.anthropic.claude-opus-5-5	c	1000000	128000	4.4	22	0.22	5.5	8.8
jp.anthropic.claude-sonnet-4-5-20250929-v1:0	c	200000	64000	3.3	16.5	0.33	4.125	6.6					200000=6.6/24.75/0.66/8.25/13.2
jp.anthropic.claude-sonnet-4-6	c	1000000	64000	3.3	16.5	0.33	4.125	6.6
jp.anthropic.claude-sonnet-5	c	1000000	128000	2.2	11	0.22	2.75	4.4
jp.anthropic.claude-sonnet-5-5	c	1000000	128000	2.2	11	0.11	2.75	4.4
meta.llama2-13b-chat-v1	c	4096	4096	0.75	1
meta.llama2-70b-chat-v1	c	4096	4096	1.95	2.56
meta.llama3-1-405b-instruct-v1:0	c	128000	4096	2.4	2.4
meta.llama3-1-70b-instruct-v1:0	c	128000	4096	0.72	0.72
meta.llama3-1-8b-instruct-v1:0	c	128000	4096	0.22	0.22
meta.llama3-2-11b-instruct-v1:0	c	128000	4096	0.16	0.16
meta.llama3-2-1b-instruct-v1:0	c	128000	4096	0.1	0.1
meta.llama3-2-3b-instruct-v1:0	c	128000	4096	0.15	0.15
meta.llama3-2-90b-instruct-v1:0	c	128000	4096	0.72	0.72
meta.llama3-3-70b-instruct-v1:0	c	128000	4096	0.72	0.72
meta.llama3-70b-instruct-v1:0	c	8192	8192	2.65	3.5
meta.llama3-8b-instruct-v1:0	c	8192	8192	0.3	0.6
meta.llama4-maverick-17b-instruct-v1:0	c	1000000	8192	0.24	0.97
meta.llama4-scout-17b-instruct-v1:0	c	10000000	8192	0.17	0.66
minimax.minimax-m2	c	1000000	8000	0.3	1.2
minimax.minimax-m2.1	c	196000	8000	0.3	1.2
minimax.minimax-m2.5	c	196000	8000	0.3	1.2
mistral.devstral-2-123b	c	256000	32000	0.4	2
mistral.magistral-small-2509	c	128000	40000	0.5	1.5
mistral.ministral-3-14b-instruct	c	128000	8000	0.2	0.2
mistral.ministral-3-3b-instruct	c	128000	8000	0.1	0.1
mistral.ministral-3-8b-instruct	c	128000	8000	0.15	0.15
mistral.mistral-7b-instruct-v0:2	c	32000	4096	0.15	0.2
mistral.mistral-large-2402-v1:0	c	32000	4096	4	12
mistral.mistral-large-2407-v1:0	c	128000	8191	2	6
mistral.mistral-large-3-675b-instruct	c	256000	32000	0.5	1.5
mistral.mistral-small-2402-v1:0	c	32000	4096	1	3
mistral.mixtral-8x7b-instruct-v0:1	c	32000	4096	0.45	0.7
mistral.pixtral-large-2502-v1:0	c	128000	16384	2	6
mistral.voxtral-mini-3b-2507	c	32768	8192	0.04	0.04
mistral.voxtral-small-24b-2507	c	32768	8192	0.1	0.3
moonshot.kimi-k2-thinking	c	256000	16000	0.6	2.5
moonshotai.kimi-k2-thinking	c	262144	16000	0.6	2.5
moonshotai.kimi-k2.5	c	256000	16000	0.6	3
moonshotai.kimi-k3	c	1000000	131072	3.3	16.5	0.33	4.125
nvidia.nemotron-nano-12b-v2	c	128000	8000	0.2	0.6
nvidia.nemotron-nano-3-30b	c	256000	8000	0.06	0.24
nvidia.nemotron-nano-9b-v2	c	128000	8000	0.06	0.23
nvidia.nemotron-super-3-120b	c	256000	32000	0.15	0.65
openai.gpt-6-luna	c	922000	128000	0.1	0.5	0.01	0.125						272000=0.2/0.75/0.02/0.25
openai.gpt-6-sol	c	922000	128000	2	10	0.2	2.5						272000=4/15/0.4/5
openai.gpt-oss-120b-1:0	c	128000	16384	0.15	0.6
openai.gpt-oss-20b-1:0	c	128000	16384	0.07	0.3
openai.gpt-oss-safeguard-120b	c	128000	16000	0.15	0.6
openai.gpt-oss-safeguard-20b	c	128000	16000	0.07	0.2
qwen.qwen3-235b-a22b-2507-v1:0	c	262144	8192	0.22	0.88
qwen.qwen3-32b-v1:0	c	32768	8192	0.15	0.6
qwen.qwen3-coder-30b-a3b-v1:0	c	262144	16384	0.15	0.6
qwen.qwen3-coder-480b-a35b-v1:0	c	262144	16384	0.45	1.8
qwen.qwen3-coder-next	c	256000	16000	0.5	1.2
qwen.qwen3-next-80b-a3b	c	256000	8000	0.15	1.2
qwen.qwen3-vl-235b-a22b	c	256000	8000	0.53	2.66
sa-east-1/deepseek.v3.2	c	163840	8000	0.74	2.22
sa-east-1/meta.llama3-70b-instruct-v1:0	c	8192	8192	4.45	5.88
sa-east-1/meta.llama3-8b-instruct-v1:0	c	8192	8192	0.5	1.01
sa-east-1/minimax.minimax-m2.1	c	196000	8192	0.36	1.44
sa-east-1/minimax.minimax-m2.5	c	196000	8192	0.36	1.44
sa-east-1/moonshotai.kimi-k2-thinking	c	262144	16000	0.73	3.03
sa-east-1/moonshotai.kimi-k2.5	c	262144	16000	0.72	3.6
sa-east-1/qwen.qwen3-coder-next	c	262144	16384	0.6	1.44
sa-east-1/qwen.qwen3-next-80b-a3b	c	262144	8192	0.18	1.45
twelvelabs.marengo-embed-2-7-v1:0	e	77
twelvelabs.marengo-embed-3-0-v1:0	e	500
twelvelabs.pegasus-1-2-v1:0	c
twelvelabs.pegasus-1-5-v1:0	c	261120	98304
us-east-1/1-month-commitment/anthropic.claude-instant-v1	c	100000	8191
us-east-1/1-month-commitment/anthropic.claude-v1	c	100000	8191
us-east-1/1-month-commitment/anthropic.claude-v2:1	c	100000	8191
us-east-1/6-month-commitment/anthropic.claude-instant-v1	c	100000	8191
us-east-1/6-month-commitment/anthropic.claude-v1	c	100000	8191
us-east-1/6-month-commitment/anthropic.claude-v2:1	c	100000	8191
us-east-1/anthropic.claude-instant-v1	c	100000	8191	0.8	2.4
us-east-1/anthropic.claude-v1	c	100000	8191	8	24
us-east-1/anthropic.claude-v2:1	c	100000	8191	8	24
us-east-1/deepseek.v3.2	c	163840	8000	0.62	1.85
us-east-1/meta.llama3-70b-instruct-v1:0	c	8192	8192	2.65	3.5
us-east-1/meta.llama3-8b-instruct-v1:0	c	8192	8192	0.3	0.6
us-east-1/minimax.minimax-m2.1	c	196000	8192	0.3	1.2
us-east-1/minimax.minimax-m2.5	c	196000	8192	0.3	1.2
us-east-1/mistral.mistral-7b-instruct-v0:2	c	32000	4096	0.15	0.2
us-east-1/mistral.mistral-large-2402-v1:0	c	32000	4096	4	12
us-east-1/mistral.mixtral-8x7b-instruct-v0:1	c	32000	4096	0.45	0.7
us-east-1/moonshotai.kimi-k2-thinking	c	262144	16000	0.6	2.5
us-east-1/moonshotai.kimi-k2.5	c	262144	16000	0.6	3
us-east-1/qwen.qwen3-coder-next	c	262144	16384	0.5	1.2
us-east-1/zai.glm-5	c	200000	128000	1	3.2
us-east-2/deepseek.v3.2	c	163840	8000	0.62	1.85
us-east-2/minimax.minimax-m2.1	c	196000	8192	0.3	1.2
us-east-2/minimax.minimax-m2.5	c	196000	8192	0.3	1.2
us-east-2/moonshotai.kimi-k2-thinking	c	262144	16000	0.6	2.5
us-east-2/moonshotai.kimi-k2.5	c	262144	16000	0.6	3
us-east-2/qwen.qwen3-coder-next	c	262144	16384	0.5	1.2
us-gov-east-1/amazon.nova-pro-v1:0	c	300000	10000	0.96	3.84	0.24
us-gov-east-1/amazon.titan-embed-text-v1	e	8192		0.1	0
us-gov-east-1/amazon.titan-embed-text-v2:0	e	8192		0.2	0
us-gov-east-1/amazon.titan-text-express-v1	c	42000	8000	1.3	1.7
us-gov-east-1/amazon.titan-text-lite-v1	c	42000	4000	0.3	0.4
us-gov-east-1/amazon.titan-text-premier-v1:0	c	42000	32000	0.5	1.5
us-gov-east-1/anthropic.claude-fable-5-1	c	1000000	128000	12	60	0.3	15	24
us-gov-east-1/anthropic.claude-haiku-4-5-20251001-v1:0	c	200000	64000	1.2	6	0.12	1.5	2.4
us-gov-east-1/anthropic.claude-haiku-5-5	c	1000000	128000	0.12	0.6	0.012	0.15	0.24					100000=0.6/3/0.06/0.75/1.2
us-gov-east-1/anthropic.claude-opus-4-8	c	1000000	128000	6	30	0.6	7.5	12
us-gov-east-1/anthropic.claude-opus-5	c	1000000	128000	6	30	0.6	7.5	12
us-gov-east-1/anthropic.claude-opus-5-5	c	1000000	128000	4.8	24	0.24	6	9.6
us-gov-east-1/anthropic.claude-sonnet-4-5-20250929-v1:0	c	200000	64000	3.6	18	0.36	4.5	7.2
us-gov-east-1/anthropic.claude-sonnet-5	c	1000000	128000	2.4	12	0.24	3	4.8
us-gov-east-1/anthropic.claude-sonnet-5-5	c	1000000	128000	2.4	12	0.12	3	4.8
us-gov-east-1/claude-sonnet-4-5-20250929-v1:0	c	200000	64000	3.6	18	0.36	4.5	7.2
us-gov-east-1/meta.llama3-70b-instruct-v1:0	c	8000	2048	2.65	3.5
us-gov-east-1/meta.llama3-8b-instruct-v1:0	c	8000	2048	0.3	2.65
us-gov-east-1/nvidia.nemotron-nano-12b-v2	c	128000	8192	0.24	0.72
us-gov-east-1/nvidia.nemotron-nano-3-30b	c	262144	8192	0.072	0.288
us-gov-east-1/nvidia.nemotron-nano-9b-v2	c	128000	8192	0.072	0.276
us-gov-east-1/nvidia.nemotron-super-3-120b	c	256000	32768	0.18	0.78
us-gov-east-1/openai.gpt-oss-120b-1:0	c	128000	16384	0.18	0.72
us-gov-east-1/openai.gpt-oss-20b-1:0	c	128000	16384	0.084	0.36
us-gov-west-1/amazon.nova-2-multimodal-embeddings-v1:0	e	8172		0.162	0
us-gov-west-1/amazon.nova-lite-v1:0	c	300000	10000	0.072	0.288	0.018
us-gov-west-1/amazon.nova-micro-v1:0	c	128000	10000	0.042	0.168	0.0105
us-gov-west-1/amazon.nova-pro-v1:0	c	300000	10000	0.96	3.84	0.24
us-gov-west-1/amazon.titan-embed-text-v1	e	8192		0.1	0
us-gov-west-1/amazon.titan-embed-text-v2:0	e	8192		0.11	0
us-gov-west-1/amazon.titan-text-express-v1	c	42000	8000	0.8	1.6
us-gov-west-1/amazon.titan-text-lite-v1	c	42000	4000	0.3	0.4
us-gov-west-1/amazon.titan-text-premier-v1:0	c	42000	32000	0.5	1.5
us-gov-west-1/anthropic.claude-fable-5-1	c	1000000	128000	12	60	0.3	15	24
us-gov-west-1/anthropic.claude-haiku-4-5-20251001-v1:0	c	200000	64000	1.2	6	0.12	1.5	2.4
us-gov-west-1/anthropic.claude-haiku-5-5	c	1000000	128000	0.12	0.6	0.012	0.15	0.24					100000=0.6/3/0.06/0.75/1.2
us-gov-west-1/anthropic.claude-opus-4-8	c	1000000	128000	6	30	0.6	7.5	12
us-gov-west-1/anthropic.claude-opus-5	c	1000000	128000	6	30	0.6	7.5	12
us-gov-west-1/anthropic.claude-opus-5-5	c	1000000	128000	4.8	24	0.24	6	9.6
us-gov-west-1/anthropic.claude-sonnet-4-5-20250929-v1:0	c	200000	64000	3.6	18	0.36	4.5	7.2
us-gov-west-1/anthropic.claude-sonnet-5	c	1000000	128000	2.4	12	0.24	3	4.8
us-gov-west-1/anthropic.claude-sonnet-5-5	c	1000000	128000	2.4	12	0.12	3	4.8
us-gov-west-1/claude-sonnet-4-5-20250929-v1:0	c	200000	64000	3.6	18	0.36	4.5	7.2
us-gov-west-1/meta.llama3-70b-instruct-v1:0	c	8000	8192	2.65	3.5
us-gov-west-1/meta.llama3-8b-instruct-v1:0	c	8000	8192	0.3	0.6
us-gov-west-1/nvidia.nemotron-nano-12b-v2	c	128000	8192	0.24	0.72
us-gov-west-1/nvidia.nemotron-nano-3-30b	c	262144	8192	0.072	0.288
us-gov-west-1/nvidia.nemotron-nano-9b-v2	c	128000	8192	0.072	0.276
us-gov-west-1/nvidia.nemotron-super-3-120b	c	256000	32768	0.18	0.78
us-gov-west-1/openai.gpt-oss-120b-1:0	c	128000	16384	0.18	0.72
us-gov-west-1/openai.gpt-oss-20b-1:0	c	128000	16384	0.084	0.36
us-gov.anthropic.claude-fable-5-1	c	1000000	128000	12	60	0.3	15	24
us-gov.anthropic.claude-haiku-5-5	c	1000000	128000	0.12	0.6	0.012	0.15	0.24					100000=0.6/3/0.06/0.75/1.2
us-gov.anthropic.claude-opus-4-8	c	1000000	128000	6	30	0.6	7.5	12
us-gov.anthropic.claude-opus-5	c	1000000	128000	6	30	0.6	7.5	12
us-gov.anthropic.claude-opus-5-5	c	1000000	128000	4.8	24	0.24	6	9.6
us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0	c	200000	64000	3.6	18	0.36	4.5	7.2					200000=7.2/27/0.72/9/14.4
us-gov.anthropic.claude-sonnet-5	c	1000000	128000	2.4	12	0.24	3	4.8
us-gov.anthropic.claude-sonnet-5-5	c	1000000	128000	2.4	12	0.12	3	4.8
us-gov.nvidia.nemotron-nano-12b-v2	c	128000	8192	0.24	0.72
us-gov.nvidia.nemotron-nano-3-30b	c	262144	8192	0.072	0.288
us-gov.nvidia.nemotron-nano-9b-v2	c	128000	8192	0.072	0.276
us-gov.nvidia.nemotron-super-3-120b	c	256000	32768	0.18	0.78
us-gov.openai.gpt-oss-120b-1:0	c	128000	16384	0.18	0.72
us-gov.openai.gpt-oss-20b-1:0	c	128000	16384	0.084	0.36
us-gov.xai.grok-4.6	c	500000	500000	2.64	7.92	0.66
us-west-1/meta.llama3-70b-instruct-v1:0	c	8192	8192	2.65	3.5
us-west-1/meta.llama3-8b-instruct-v1:0	c	8192	8192	0.3	0.6
us-west-2/1-month-commitment/anthropic.claude-instant-v1	c	100000	8191
us-west-2/1-month-commitment/anthropic.claude-v1	c	100000	8191
us-west-2/1-month-commitment/anthropic.claude-v2:1	c	100000	8191
us-west-2/6-month-commitment/anthropic.claude-instant-v1	c	100000	8191
us-west-2/6-month-commitment/anthropic.claude-v1	c	100000	8191
us-west-2/6-month-commitment/anthropic.claude-v2:1	c	100000	8191
us-west-2/anthropic.claude-instant-v1	c	100000	8191	0.8	2.4
us-west-2/anthropic.claude-v1	c	100000	8191	8	24
us-west-2/anthropic.claude-v2:1	c	100000	8191	8	24
us-west-2/deepseek.v3.2	c	163840	8000	0.62	1.85
us-west-2/minimax.minimax-m2.1	c	196000	8192	0.3	1.2
us-west-2/minimax.minimax-m2.5	c	196000	8192	0.3	1.2
us-west-2/mistral.mistral-7b-instruct-v0:2	c	32000	4096	0.15	0.2
us-west-2/mistral.mistral-large-2402-v1:0	c	32000	4096	4	12
us-west-2/mistral.mixtral-8x7b-instruct-v0:1	c	32000	4096	0.45	0.7
us-west-2/moonshotai.kimi-k2-thinking	c	262144	16000	0.6	2.5
us-west-2/moonshotai.kimi-k2.5	c	262144	16000	0.6	3
us-west-2/qwen.qwen3-coder-next	c	262144	16384	0.5	1.2
us-west-2/zai.glm-5	c	200000	128000	1	3.2
us.amazon.nova-2-lite-v1:0	c	1000000	64000	0.33	2.75	0.0825
us.amazon.nova-2-pro-preview-20251202-v1:0	c	1000000	64000	1.375	11	0.34375				1.375
us.amazon.nova-lite-v1:0	c	300000	10000	0.06	0.24	0.015
us.amazon.nova-micro-v1:0	c	128000	10000	0.035	0.14	0.00875
us.amazon.nova-pro-v1:0	c	300000	10000	0.8	3.2	0.2
us.anthropic.claude-3-5-haiku-20241022-v1:0	c	200000	8192	0.8	4	0.08	1
us.anthropic.claude-3-5-sonnet-20240620-v1:0	c	200000	4096	3	15	0.3	3.75
us.anthropic.claude-3-5-sonnet-20241022-v2:0	c	200000	8192	3	15	0.3	3.75
us.anthropic.claude-3-7-sonnet-20250219-v1:0	c	200000	8192	3	15	0.3	3.75
us.anthropic.claude-3-opus-20240229-v1:0	c	200000	4096	15	75	1.5	18.75
us.anthropic.claude-fable-5	c	1000000	128000	11	55	1.1	13.75	22
us.anthropic.claude-fable-5-1	c	1000000	128000	11	55	0.275	13.75	22
us.anthropic.claude-haiku-4-5-20251001-v1:0	c	200000	64000	1.1	5.5	0.11	1.375	2.2
us.anthropic.claude-haiku-5-5	c	1000000	128000	0.11	0.55	0.011	0.1375	0.22					100000=0.55/2.75/0.055/0.6875/1.1
us.anthropic.claude-mythos-5	c	1000000	128000	11	55	1.1	13.75	22
us.anthropic.claude-mythos-5-1	c	1000000	128000	11	55	0.275	13.75	22
us.anthropic.claude-mythos-preview	c	1000000	128000	27.5	137.5	2.75	34.375	55
us.anthropic.claude-opus-4-1-20250805-v1:0	c	200000	32000	15	75	1.5	18.75
us.anthropic.claude-opus-4-20250514-v1:0	c	200000	32000	15	75	1.5	18.75
us.anthropic.claude-opus-4-5-20251101-v1:0	c	200000	64000	5.5	27.5	0.55	6.875	11
us.anthropic.claude-opus-4-6-v1	c	1000000	128000	5.5	27.5	0.55	6.875	11
us.anthropic.claude-opus-4-7	c	1000000	128000	5.5	27.5	0.55	6.875	11
us.anthropic.claude-opus-4-8	c	1000000	128000	5.5	27.5	0.55	6.875	11
us.anthropic.claude-opus-5	c	1000000	128000	5.5	27.5	0.55	6.875	11
us.anthropic.claude-opus-5-5	c	1000000	128000	4.4	22	0.22	5.5	8.8
us.anthropic.claude-sonnet-4-20250514-v1:0	c	200000	64000	3	15	0.3	3.75						200000=6/22.5/0.6/7.5
us.anthropic.claude-sonnet-4-5-20250929-v1:0	c	200000	64000	3.3	16.5	0.33	4.125	6.6					200000=6.6/24.75/0.66/8.25/13.2
us.anthropic.claude-sonnet-4-6	c	1000000	64000	3.3	16.5	0.33	4.125	6.6
us.anthropic.claude-sonnet-5	c	1000000	128000	2.2	11	0.22	2.75	4.4
us.anthropic.claude-sonnet-5-5	c	1000000	128000	2.2	11	0.11	2.75	4.4
us.cohere.embed-v4:0	e	128000		0.12	0
us.deepseek.r1-v1:0	c	128000	8192	1.35	5.4
us.deepseek.v3.2	c	163840	163840	0.62	1.85
us.meta.llama3-1-405b-instruct-v1:0	c	128000	4096	2.4	2.4
us.meta.llama3-1-70b-instruct-v1:0	c	128000	4096	0.72	0.72
us.meta.llama3-1-8b-instruct-v1:0	c	128000	4096	0.22	0.22
us.meta.llama3-2-11b-instruct-v1:0	c	128000	4096	0.16	0.16
us.meta.llama3-2-1b-instruct-v1:0	c	128000	4096	0.1	0.1
us.meta.llama3-2-3b-instruct-v1:0	c	128000	4096	0.15	0.15
us.meta.llama3-2-90b-instruct-v1:0	c	128000	4096	0.72	0.72
us.meta.llama3-3-70b-instruct-v1:0	c	128000	4096	0.72	0.72
us.meta.llama4-maverick-17b-instruct-v1:0	c	1000000	8192	0.24	0.97
us.meta.llama4-scout-17b-instruct-v1:0	c	10000000	8192	0.17	0.66
us.mistral.pixtral-large-2502-v1:0	c	128000	16384	2	6
us.moonshotai.kimi-k3	c	1000000	131072	3.3	16.5	0.33	4.125
us.openai.gpt-5.4	c	922000	128000	2.75	16.5	0.275							272000=5.5/24.75/0.55
us.openai.gpt-5.5	c	922000	128000	5.5	33	0.55							272000=11/49.5/1.1
us.openai.gpt-5.6-luna	c	922000	128000	0.22	1.32	0.022	0.275						272000=0.44/1.98/0.044/0.55
us.openai.gpt-5.6-sol	c	922000	128000	4.4	22	0.44	5.5						272000=8.8/33/0.88/11
us.openai.gpt-5.6-terra	c	922000	128000	2.2	13.2	0.22	2.75						272000=4.4/19.8/0.44/5.5
us.openai.gpt-6-astra	c	922000	128000	11	55	1.1	13.75						272000=22/82.5/2.2/27.5
us.openai.gpt-6-luna	c	922000	128000	0.11	0.55	0.011	0.1375						272000=0.22/0.825/0.022/0.275
us.openai.gpt-6-sol	c	922000	128000	2.2	11	0.22	2.75						272000=4.4/16.5/0.44/5.5
us.openai.gpt-6.1-sol	c	1000000	131072	2.2	11	0.11	2.75						272000=4.4/16.5/0.22/5.5
us.openai.gpt-6.1-terra	c	922000	128000	1.1	5.5	0.055	1.375						272000=2.2/8.25/0.11/2.75
us.twelvelabs.marengo-embed-2-7-v1:0	e	77
us.twelvelabs.marengo-embed-3-0-v1:0	e	500
us.twelvelabs.pegasus-1-2-v1:0	c
us.twelvelabs.pegasus-1-5-v1:0	c	261120	98304
us.writer.palmyra-x4-v1:0	c	128000	8192	2.5	10
us.writer.palmyra-x5-v1:0	c	128000	8192	0.6	6
us.xai.grok-4.6	c	500000	500000	2.2	6.6	0.55
us.xai.grok-4.7	c	524288	524288	2.2	6.6	0.55
us.zai.glm-5.3	c	1000000	128000	1.848	5.808	0.3432	2.31
writer.palmyra-vision-7b	c	4096	4096	0.15	0.6
writer.palmyra-x4-v1:0	c	128000	8192	2.5	10
writer.palmyra-x5-v1:0	c	128000	8192	0.6	6
zai.glm-4.7	c	203000	128000	0.6	2.2
zai.glm-4.7-flash	c	203000	128000	0.07	0.4
zai.glm-5	c	200000	128000	1	3.2
"""

    private static let vertex_ai: StaticString = """
deep-research-pro-preview-12-2025	c	65536	32768	2	12	0.2
gemini-2.0-flash	c			0.15	0.6					1
gemini-2.0-flash-lite	c			0.075	0.3					0.075
gemini-2.5-computer-use-preview-10-2025	c	128000	64000	1.25	10								200000=2.5/15
gemini-2.5-flash	c	1048576	65535	0.3	2.5	0.03			2.5	1
gemini-2.5-flash-lite	c	1048576	65535	0.1	0.4	0.01			0.4	0.3
gemini-2.5-flash-lite-preview-09-2025	c	1048576	65535	0.1	0.4	0.01			0.4	0.3
gemini-2.5-flash-preview-09-2025	c	1048576	65535	0.3	2.5	0.03			2.5	1
gemini-2.5-pro	c	1048576	65535	1.25	10	0.125							200000=2.5/15/0.25/0.25
gemini-2.5-pro-preview-tts	c	1048576	65535	1	20	0.125				0.7	20
gemini-3-flash-preview	c	1048576	65535	0.5	3	0.05			3	1
gemini-3-pro-preview	c	1048576	65535	2	12	0.2							200000=4/18/0.4/0.25
gemini-3.1-flash-lite	c	1048576	65536	0.25	1.5	0.025			1.5	0.5
gemini-3.1-flash-lite-preview	c	1048576	65536	0.25	1.5	0.025			1.5	0.5
gemini-3.1-pro-preview	c	1048576	65536	2	12	0.2							200000=4/18/0.4/0.25
gemini-3.1-pro-preview-customtools	c	1048576	65536	2	12	0.2							200000=4/18/0.4/0.25
gemini-3.5-flash	c	1048576	65535	1.5	9	0.15			9	1.5
gemini-3.5-flash-lite	c	1048576	65536	0.3	2.5	0.03			2.5
gemini-3.6-flash	c	1048576	65536	0.75	3.75	0.075			3.75
gemini-3.7-flash	c	1048576	65536	0.75	3.75	0.075			3.75
gemini-3.8-flash	c	1048576	65536	0.75	3.75	0.075			3.75
gemini-3.8-flash-cyber	c	1048576	65536	1.5	7.5	0.15			7.5
gemini-4-argon	c	1048576	1048576	2	10	0.1			10	2
gemini-4-argon-cyber-permissive	c	1048576	1048576	4	20	0.2			20	4
gemini-embedding-2	e	8192		0.2	0					6.5
gemini-embedding-2-preview	e	8192		0.2	0					6.5
gemini-flash-experimental	e	1000000	8192
gemini-omni-1.1-flash	c			1.5	9				9
gemini-omni-1.1-flash-preview	c	57920	57920	1.5	9				9
gemini-omni-flash-preview	c	1048576	65535	1.5	9				9	1.5
gemini-robotics-er-1.5-preview	c	1048576	65535	0.3	2.5	0			2.5	1
gemini-robotics-er-2-preview	c	131072	65536	1	5	0.1			5	1
gemma-4-26b-a4b-it	c			0.15	0.6	0.015
medlm-large	c	8192	1024
medlm-medium	c	32768	8192
xai/grok-4.1-fast-non-reasoning	c	128000	128000	0.2	0.5	0.05
xai/grok-4.1-fast-reasoning	c	128000	128000	0.2	0.5	0.05
xai/grok-4.20-non-reasoning	c	2000000	2000000	1.25	2.5	0.2							200000=2.5/5/0.4
xai/grok-4.20-reasoning	c	2000000	2000000	1.25	2.5	0.2							200000=2.5/5/0.4
xai/grok-4.3	c	200000	200000	1.25	2.5	0.2							200000=2.5/5/0.4
xai/grok-4.6	c	524288	524288	2	6	0.5							200000=4/12/1
xai/grok-4.7	c	524288	524288	2	6	0.5							200000=4/12/1
"""

    private static let vertex_anthropic: StaticString = """
claude-3-5-haiku	c	200000	8192	1	5
claude-3-5-haiku@20241022	c	200000	8192	1	5
claude-3-5-sonnet	c	200000	8192	3	15
claude-3-5-sonnet@20240620	c	200000	8192	3	15
claude-3-haiku	c	200000	4096	0.25	1.25
claude-3-haiku@20240307	c	200000	4096	0.25	1.25
claude-3-opus	c	200000	4096	15	75
claude-3-opus@20240229	c	200000	4096	15	75
claude-3-sonnet	c	200000	4096	3	15
claude-3-sonnet@20240229	c	200000	4096	3	15
claude-fable-5	c	1000000	128000	10	50	1	12.5	20
claude-fable-5-1	c	1000000	128000	10	50	0.25	12.5	20
claude-fable-5-1@default	c	1000000	128000	10	50	0.25	12.5	20
claude-fable-5@default	c	1000000	128000	10	50	1	12.5	20
claude-haiku-4-5	c	200000	64000	1	5	0.1	1.25	2
claude-haiku-4-5@20251001	c	200000	64000	1	5	0.1	1.25	2
claude-haiku-5-5	c	1000000	128000	0.1	0.5	0.01	0.125	0.2					100000=0.5/2.5/0.05/0.625/1
claude-haiku-5-5@default	c	1000000	128000	0.1	0.5	0.01	0.125	0.2					100000=0.5/2.5/0.05/0.625/1
claude-opus-4-5	c	200000	64000	5	25	0.5	6.25	10
claude-opus-4-5@20251101	c	200000	64000	5	25	0.5	6.25	10
claude-opus-4-6	c	1000000	128000	5	25	0.5	6.25	10
claude-opus-4-6@default	c	1000000	128000	5	25	0.5	6.25	10
claude-opus-4-7	c	1000000	128000	5	25	0.5	6.25	10
claude-opus-4-7@default	c	1000000	128000	5	25	0.5	6.25	10
claude-opus-4-8	c	1000000	128000	5	25	0.5	6.25	10
claude-opus-4-8@default	c	1000000	128000	5	25	0.5	6.25	10
claude-opus-5	c	1000000	128000	5	25	0.5	6.25	10
claude-opus-5-5	c	1000000	128000	4	20	0.2	5	8
claude-opus-5-5@default	c	1000000	128000	4	20	0.2	5	8
claude-opus-5@default	c	1000000	128000	5	25	0.5	6.25	10
claude-sonnet-4-5	c	200000	64000	3	15	0.3	3.75	6					200000=6/22.5/0.6/7.5/12
claude-sonnet-4-5@20250929	c	200000	64000	3	15	0.3	3.75	6					200000=6/22.5/0.6/7.5/12
claude-sonnet-4-6	c	1000000	64000	3	15	0.3	3.75	6
claude-sonnet-4-6@default	c	1000000	64000	3	15	0.3	3.75	6
claude-sonnet-5	c	1000000	128000	2	10	0.2	2.5	4
claude-sonnet-5-5	c	1000000	128000	2	10	0.1	2.5	4
claude-sonnet-5-5@default	c	1000000	128000	2	10	0.1	2.5	4
claude-sonnet-5@default	c	1000000	128000	2	10	0.2	2.5	4
"""

    private static let databricks: StaticString = """
databricks-bge-large-en	e	512		0.10003	0	0.10003	0.10003
databricks-claude-fable-5	c	1000000	128000	9.99999	50.00002	1.00002	12.49997	19.99998
databricks-claude-fable-5-1	c	1000000	128000	9.99999	50.00002	0.24997	12.49997	19.99998
databricks-claude-haiku-4-5	c	200000	64000	1.00002	5.00003	0.10003	1.24999	1.99997
databricks-claude-haiku-5-5	c	1000000	128000	0.10003	0.50001	0.01001	0.12502	0.19999					100000=0.50001/2.49998/0.04998/0.62503/1.00002
databricks-claude-opus-4	c	200000	32000	15.00002	75.0001	1.50003	18.74999	29.99997
databricks-claude-opus-4-1	c	200000	32000	15.00002	75.0001	1.50003	18.74999	29.99997
databricks-claude-opus-4-5	c	200000	64000	5.00003	25.00001	0.50001	6.25002	9.99999
databricks-claude-opus-4-6	c	1000000	128000	5.00003	25.00001	0.50001	6.25002	9.99999
databricks-claude-opus-4-7	c	1000000	128000	5.00003	25.00001	0.50001	6.25002	9.99999
databricks-claude-opus-4-8	c	1000000	128000	5.00003	25.00001	0.50001	6.25002	9.99999
databricks-claude-opus-5	c	1000000	128000	5.00003	25.00001	0.50001	6.25002	9.99999
databricks-claude-opus-5-5	c	1000000	128000	4.00001	19.99998	0.19999	5.00003	8.00002
databricks-claude-sonnet-4	c	200000	64000	2.99999	15.00002	0.30002	3.74997
databricks-claude-sonnet-4-1	c	200000	64000	2.999990001	15.000020001	0.30002	3.74997
databricks-claude-sonnet-4-5	c	200000	64000	2.99999	15.00002	0.30002	3.74997	5.99998
databricks-claude-sonnet-4-6	c	1000000	64000	2.99999	15.00002	0.30002	3.74997	5.99998
databricks-claude-sonnet-5	c	1000000	128000	1.99997	9.99999	0.19999	2.49998	4.00001
databricks-claude-sonnet-5-5	c	1000000	128000	1.99997	9.99999	0.10003	2.49998	4.00001
databricks-deepseek-v4-1-flash	c	1000000	384000	0.30002	1.20001	0.03003	0.30002
databricks-deepseek-v4-1-flash-1017	c	1000000	384000	0.30002	1.20001	0.007	0.30002
databricks-deepseek-v4-flash-0731	c	1000000	393216	0.14	0.28	0.028	0.14
databricks-deepseek-v4-pro-0813	c	1000000	393216	1.31999	3.95997	0.13202	1.31999
databricks-gemini-2-5-flash	c	1048576	65535	0.30002	2.49998	0.030002	0.30002
databricks-gemini-2-5-flash-lite	c	1048576	65536	0.12502	0.50001	0.01253	0.12502			0.37499
databricks-gemini-2-5-pro	c	1048576	65536	1.24999	9.999990001	0.124999	1.24999
databricks-gemini-3-1-flash-image	c	131072	32768	0.62503	3.74997	0.62503	0.62503
databricks-gemini-3-1-flash-lite	c	1048576	65536	0.31248	1.87502	0.03122	0.31248			0.62503
databricks-gemini-3-1-flash-lite-image	c	65536	4096	0.31248	1.87502	0.31248	0.31248
databricks-gemini-3-1-pro	c	1048576	65536	2.49998	15.00002	0.24997	2.49998						200000=5.00003/22.5/0.50001/5.00003
databricks-gemini-3-5-flash	c	1048576	65536	1.87502	11.24998	0.18753	1.87502
databricks-gemini-3-5-flash-lite	c	1048576	65536	0.37499	3.12501	0.03752	0.37499
databricks-gemini-3-6-flash	c	1048576	65536	0.74998	3.74997	0.07497	0.74998
databricks-gemini-3-7-flash	c	1048576	65536	0.74998	3.74997	0.07497	0.74998
databricks-gemini-3-8-flash	c	1048576	65536	0.74998	3.74997	0.07497	0.74998
databricks-gemini-3-flash	c	1048576	65536	0.62503	3.74997	0.06251	0.62503			1.24999
databricks-gemini-3-pro	c	1048576	65536	2.49998	15.000020001	0.24997	2.49998
databricks-gemini-3-pro-image	c	65536	32768	2.49998	15.00002	2.49998	2.49998
databricks-gemini-4-argon	c	1048576	1048576	2.49998	12.49997	0.12502	2.49998
databricks-gemma-3-12b	c	128000	32000	0.15001	0.50001	0.15001	0.15001
databricks-glm-5-2	c	1000000	131072	1.4	4.39999	0.25998	1.4
databricks-glm-5-3	c	1048576	65536	1.4	4.39999	0.25998	1.4
databricks-glm-5-3-flash	c	1048576	131072	0.15001	0.50001	0.03003	0.15001
databricks-gpt-5	c	272000	128000	1.24999	9.99999	0.12502	1.24999
databricks-gpt-5-1	c	272000	128000	1.24999	9.99999	0.12502	1.24999
databricks-gpt-5-2	c	272000	128000	1.75	14	0.175	1.75
databricks-gpt-5-3-codex	r	272000	128000	1.75	14	0.175	1.75
databricks-gpt-5-4	c	922000	128000	2.49998	15.00002	0.24997	2.49998						272000=5.00003/22.5/0.50001/5.00003
databricks-gpt-5-4-mini	c	272000	128000	0.74998	4.50002	0.07497	0.74998
databricks-gpt-5-4-nano	c	272000	128000	0.19999	1.24999	0.02002	0.19999
databricks-gpt-5-4-pro	r	922000	128000	29.99997	180.0001	29.99997	29.99997						272000=60/270/60/60
databricks-gpt-5-5	r	922000	128000	5.00003	29.99997	0.50001	5.00003						272000=9.99999/45/1.00002/9.99999
databricks-gpt-5-5-pro	r	922000	128000	29.99997	180.0001	29.99997	29.99997						272000=60/270/60/60
databricks-gpt-5-6-luna	c	922000	128000	0.19999	1.20001	0.02002	0.24997						272000=0.39998/1.79998/0.03997/0.50001
databricks-gpt-5-6-sol	c	922000	128000	4.00001	19.99998	0.39998	5.00003						272000=8.00002/30/0.80003/9.99999
databricks-gpt-5-6-terra	c	922000	128000	1.99997	12.00003	0.19999	2.49998						272000=4.00001/18/0.39998/5.00003
databricks-gpt-5-mini	c	272000	128000	0.24997	1.99997	0.02499	0.24997
databricks-gpt-5-nano	c	272000	128000	0.04998	0.39998	0.00497	0.04998
databricks-gpt-6-1-sol	r	922000	128000	1.99997	9.99999	0.10003	2.49998						272000=4.00001/15/0.19999/5.00003
databricks-gpt-6-1-terra	c	922000	128000	1.00002	5.00003	0.04998	1.24999						272000=1.99997/7.50001/0.10003/2.49998
databricks-gpt-6-astra	c	922000	128000	9.99999	50.00002	1.00002	12.49997						272000=20/75.0001/1.99997/25
databricks-gpt-6-luna	r	922000	128000	0.10003	0.50001	0.01001	0.12502						272000=0.19999/0.7497/0.02002/0.24997
databricks-gpt-6-sol	r	922000	128000	1.99997	9.99999	0.19999	2.49998						272000=4.00001/15.0003/0.39998/5.00003
databricks-gpt-oss-120b	c	131072	131072	0.15001	0.59997	0.15001	0.15001
databricks-gpt-oss-20b	c	131072	131072	0.07	0.30002	0.07	0.07
databricks-grok-4-6	c	500000		2.49998	7.50001	0.62503	2.49998
databricks-grok-4-7	c	500000	500000	2.49998	7.50001	0.62503	2.49998
databricks-gte-large-en	e	8192		0.12999	0	0.12999	0.12999
databricks-inkling	c	1000000		1.00002	4.04999	0.17003	1.00002
databricks-kimi-k2-7	c	262144	262144	0.94997	4.00001	0.18998	0.94997
databricks-kimi-k3	c	1000000	1048576	2.99999	15.00002	0.30002	2.99999
databricks-llama-4-maverick	c	128000	128000	0.50001	1.50003	0.50001	0.50001
databricks-meta-llama-3-1-8b-instruct	c	200000	128000	0.15001	0.45003	0.15001	0.15001
databricks-meta-llama-3-3-70b-instruct	c	128000	128000	0.50001	1.50003	0.50001	0.50001
databricks-qwen3-embedding-0-6b	e	32768		0.02002	0	0.02002	0.02002
databricks-qwen3-next-80b-a3b-instruct	c			0.15001	1.20001	0.15001	0.15001
databricks-qwen35-122b-a10b	c	262144	25000	0.22001	2.20003	0.22001	0.22001
system.ai.deepseek-v4-flash-0731	c
system.ai.kimi-k3	c
"""

    private static let cloudflare: StaticString = """
@cf/aisingapore/gemma-sea-lion-v4-27b-it	c	128000	128000	0.351	0.555
@cf/deepseek-ai/deepseek-r1-distill-qwen-32b	c	80000	80000	0.497	4.881
@cf/google/gemma-2b-it-lora	c	8192	8192
@cf/google/gemma-4-26b-a4b-it	c	256000	256000	0.1	0.3
@cf/google/gemma-7b-it-lora	c	3500	3500
@cf/ibm-granite/granite-4.0-h-micro	c	131000	131000	0.017	0.112
@cf/meta-llama/llama-2-7b-chat-hf-lora	c	8192	8192
@cf/meta/llama-2-7b-chat-fp16	c	3072	3072	1.923	1.923
@cf/meta/llama-2-7b-chat-int8	c	2048	2048	1.923	1.923
@cf/meta/llama-3.1-8b-instruct-fp8	c	32000	32000	0.152	0.287
@cf/meta/llama-3.2-11b-vision-instruct	c	128000	128000	0.0485	0.676
@cf/meta/llama-3.2-1b-instruct	c	60000	60000	0.027	0.201
@cf/meta/llama-3.2-3b-instruct	c	80000	80000	0.0509	0.335
@cf/meta/llama-3.3-70b-instruct-fp8-fast	c	24000	24000	0.293	2.253
@cf/meta/llama-4-scout-17b-16e-instruct	c	131000	131000	0.27	0.85
@cf/meta/llama-guard-3-8b	c	131072	131072	0.484	0.03
@cf/mistral/mistral-7b-instruct-v0.1	c	8192	8192	1.923	1.923
@cf/mistral/mistral-7b-instruct-v0.2-lora	c	15000	15000
@cf/mistralai/mistral-small-3.1-24b-instruct	c	128000	128000	0.351	0.555
@cf/moonshotai/kimi-k2.6	c	262144	262144	0.95	4	0.16
@cf/moonshotai/kimi-k2.7-code	c	262144	262144	0.95	4	0.19
@cf/nvidia/nemotron-3-120b-a12b	c	256000	256000	0.5	1.5
@cf/openai/gpt-oss-120b	c	128000	128000	0.35	0.75
@cf/openai/gpt-oss-20b	c	128000	128000	0.2	0.3
@cf/qwen/qwen2.5-coder-32b-instruct	c	32768	32768	0.66	1
@cf/qwen/qwen3-30b-a3b-fp8	c	32768	32768	0.0509	0.335
@cf/qwen/qwq-32b	c	24000	24000	0.66	1
@cf/zai-org/glm-4.7-flash	c	131072	131072	0.0605	0.4
@cf/zai-org/glm-5.2	c	262144	262144	1.4	4.4	0.26
@hf/thebloke/codellama-7b-instruct-awq	c	4096	4096	1.923	1.923
"""

    private static let snowflake: StaticString = """
claude-3-5-sonnet	c	200000	16384	3	15	0.3
claude-3-7-sonnet	c	200000	16384	3	15	0.3
claude-4-opus	c	200000	16384	5	25	0.5
claude-4-sonnet	c	200000	16384	3	15	0.3
claude-haiku-4-5	c	200000	16384	1	5	0.1
claude-sonnet-4-5	c	200000	16384	3	15	0.3
claude-sonnet-4-6	c	200000	16384	3	15	0.3
deepseek-r1	c	128000	16384	1.35	5.4
gemma-7b	c	8000	8192
jamba-1.5-large	c	256000	8192
jamba-1.5-mini	c	256000	8192
jamba-instruct	c	256000	8192
llama2-70b-chat	c	4096	8192
llama3-70b	c	8000	8192
llama3-8b	c	8000	8192
llama3.1-405b	c	128000	16384	1.2	1.2
llama3.1-70b	c	128000	16384	0.72	0.72
llama3.1-8b	c	128000	16384	0.24	0.24
llama3.2-1b	c	128000	8192
llama3.2-3b	c	128000	8192
llama3.3-70b	c	128000	16384	0.72	0.72
llama4-maverick	c	128000	16384	0.24	0.97
mistral-7b	c	32000	8192
mistral-large	c	32000	8192
mistral-large2	c	128000	16384	2	6
mixtral-8x7b	c	32000	8192
openai-gpt-4.1	c	300000	16384	2	8	0.5
openai-gpt-5	c	300000	16384	1.25	10	0.125
openai-gpt-5-mini	c	1000000	16384	0.3	1.2
openai-gpt-5-nano	c	5000000	16384	0.15	0.6
reka-core	c	32000	8192
reka-flash	c	100000	8192
snowflake-arctic	c	4096	8192
snowflake-arctic-embed-l-v2.0	e	8192		0.07	0
snowflake-arctic-embed-m-v2.0	e	8192		0.07	0
snowflake-llama-3.1-405b	c	8000	8192
snowflake-llama-3.3-70b	c	128000	16384	0.72	0.72
"""

    private static let heroku: StaticString = """
claude-3-5-haiku	c	200000	8192
claude-3-5-sonnet-latest	c	200000	8192
claude-3-7-sonnet	c	200000	8192
claude-4-sonnet	c	200000	8192
"""
}
