// Written by scripts/settings-example from docs/examples/tollgate.yaml. Edit that file and run it again.
// swift-format-ignore-file
extension Settings {
    /// Every setting with its meaning and default: the text of docs/examples/tollgate.yaml, which a test compares.
    public static let example = #"""
# Everything that tollgate.yaml may say. What is left out has the value shown here or said beside it.
#
# It is read strictly: an unknown key, a wrong type or a name that leads nowhere is an error with its line, and
# `tollgate check` shows all of them. A running gateway reads the file again within 2 seconds of a change or on SIGHUP;
# a file with an error is refused and the old one stays. Relative paths count from this file's folder.
#
#   times    250ms, 30s, 5m, 2h, 7d          sizes    65536, 512KB, 32MB (decimal), 1MiB (binary)
#   money    dollars, exact: 10, 0.25        prices   dollars per million tokens, exact: 2.50
#   secrets  env:NAME or file:path; never the secret itself (unless allow_literal_secrets: true)

# --- Who answers -----------------------------------------------------------------------------------------------------

providers:
  # A known provider needs its key alone. Without api_key its usual variable is meant (here OPENAI_API_KEY).
  openai: {api_key: env:OPENAI_API_KEY}
  # os.environ/NAME is the same as env:NAME.
  groq: {api_key: os.environ/GROQ_API_KEY}
  mistral: {}
  openrouter: {}

  # A second account at a known provider: any name, like: its name.
  openai-research:
    like: openai
    api_key: file:openai-research.key # read when needed, and again when the file changes
    headers: {OpenAI-Organization: org-research} # constant headers of every call

  # Azure's v1 API: the model is the deployment's name.
  azure:
    base_url: https://my-resource.openai.azure.com/openai/v1
    api_key: env:AZURE_OPENAI_API_KEY
  # Its older API, with dated versions.
  azure-dated:
    like: azure_deployments
    base_url: https://my-resource.openai.azure.com
    api_version: "2024-10-21"
    api_key: env:AZURE_OPENAI_API_KEY

  # Any server that speaks OpenAI's API. A host that is named here may be called although its address is private.
  my-vllm:
    base_url: http://10.0.0.5:8000/v1
    # api_key: file:vllm.key
    key_optional: true # without api_key calls carry no key; a provider that isn't known is taken to need none
    stream_usage: when_asked # when a stream has its token counts: when_asked | always | every_chunk
    output_cap: max_tokens # what a chat's output cap is called: max_tokens | max_completion_tokens
    refuses: [] # parameters that it answers with an error, such as stream_options
    # What it speaks, the one first into which others are translated: chat_completions, responses, completions, messages,
    # generate_content, converse, cohere_chat, ollama_chat, embeddings
    dialects: [chat_completions, completions, embeddings]

  # Claude, Gemini and Bedrock in their own dialects; any client's dialect is translated.
  anthropic: {}
  gemini: {}
  # AWS_BEARER_TOKEN_BEDROCK, or access keys as ID:SECRET[:SESSION_TOKEN] in api_key, which sign each call.
  bedrock: {base_url: "https://bedrock-runtime.eu-central-1.amazonaws.com"} # region: where the host's name has none

# --- What clients may ask for ----------------------------------------------------------------------------------------

models:
  - name: gpt-4o
    targets:
      # Lower orders first; within an order by weight. weight: 0 takes a target out of service.
      - {provider: openai, model: gpt-4o, weight: 3, order: 1}
      - {provider: openai-research, weight: 1, order: 1} # model: defaults to the name above
      - {provider: azure, model: my-deployment, order: 2, price: {input: 2.50, output: 10, cached_input: 1.25}}
    fallbacks: [gpt-4o-mini, gpt-oss] # in this order, when no target is left
    context_window_fallbacks: [long] # instead, when a provider says that the request is too long
    max_output_tokens: 16384 # the most that a request may ask for, and its cap where it states none; left out: no bound
    retries: {max: 2, backoff: 250ms, backoff_max: 8s, retry_after_max: 60s, jitter: equal} # jitter: equal | full
    cooldown: {failures: 3, within: 60s, for: 30s} # so many requests failed there in a row; with 0 it is never left alone
    timeouts: {connect: 5s, first_byte: 60s, idle: 60s, total: 10m} # total bounds all attempts and waits together
    on_client_gone: cancel # or drain: read the answer to its end, so that its cost is known
    # Counts tokens for count_tokens where the provider cannot; left out: an estimate. Read with this file.
    # tokenizer: o200k_base.tiktoken

  # Short forms: provider, or provider/model. Prices that are left out are the catalogue's (a table of 2026-11-22).
  - {name: gpt-4o-mini, targets: [openai]}
  - {name: gpt-oss, targets: [groq/openai/gpt-oss-120b]}
  - {name: text-embedding-3-small, targets: [openai]}

  - name: long
    targets: [my-vllm/qwen-long]
    # Dollars per million tokens. Classes that are left out cost what their side costs.
    price:
      input: 0.40
      output: 1.20
      cached_input: 0.10
      cache_write_5m: 0.50
      cache_write_1h: 0.80
      reasoning: 1.20
      audio_input: 4
      audio_output: 8
      per_request: 0 # dollars, once per call
      tiers: # a call with more input than this costs these instead, for all of its tokens
        - {above: 200000, input: 0.80, output: 2.40}

  - {name: local, targets: [my-vllm/qwen-small], price: free}

  # One * matches anything, slashes too; * in a target's model stands for what it matched. Exact names win, then the
  # wildcard with the most other text.
  - {name: "mistral/*", targets: [mistral]}
  - {name: "vllm/*", targets: [{provider: my-vllm, model: "*", price: free}]}

  # No prices are known for it: what it reports is what a call costs.
  - {name: "openrouter/*", targets: [openrouter], unpriced_models: allow}

# A call whose model has no known price: refuse, or allow (it costs what the provider reports, else nothing, flagged; it
# holds all that is left of a budget, so that such calls go one after the other). Can stand in a model too.
unpriced_models: refuse

# --- Defaults of all models ------------------------------------------------------------------------------------------

# The output cap of requests that state none, where neither the model here nor the catalogue says what it can produce:
# without one nobody could say what a call can cost.
default_max_output_tokens: 4096
retries: {max: 2, backoff: 250ms, backoff_max: 8s, retry_after_max: 60s, jitter: equal}
cooldown: {failures: 3, within: 60s, for: 30s}
timeouts: {connect: 5s, first_byte: 60s, idle: 60s, total: 10m}
on_client_gone: cancel

# Where client and provider speak different dialects (docs/WIREFORMATS.md): what cannot be carried is left out and named
# in x-tollgate-dropped, or with strict_params: true a 400. Each can stand in a model too.
strict_params: false
out_of_range: clamp # temperature 1.5 at Anthropic: clamp | refuse | pass
# thinking: budget # how models are told to think: budget | level | none; left out: by their names

# --- Limits of everyone together -------------------------------------------------------------------------------------

# Left out: none. budget_duration: 1d, 7d, 1mo (calendar, in time_zone), 12h (exactly that long); none is for ever.
global_budget:
  {max_budget: 1000, budget_duration: 1mo, rpm_limit: 6000, tpm_limit: 5000000, max_parallel_requests: 500}
time_zone: UTC # or +02:00, or Europe/Berlin

# --- What must not pass ----------------------------------------------------------------------------------------------

guardrails:
  # Credentials: known issuers' keys, private keys, connection strings; kinds: [openai_key, private_key] are some.
  - {name: no-secrets, rule: secrets, action: redact, on: [request, answer]}
  # Words and phrases. redact replaces (with: …), refuse ends the call; a stream is held back by the longest word.
  - name: project-names
    rule: banned_words
    words: [Bluebird, "project falcon"]
    case_sensitive: false
    whole_words: true
    action: redact
    with: "[internal]"
    on: [answer]

# --- The gateway itself ----------------------------------------------------------------------------------------------

keys: {master_key: file:master.key, pepper: file:pepper.key} # the pepper keys the hashes of virtual keys: don't lose it
metrics: {token: env:TOLLGATE_METRICS_TOKEN} # may read /metrics, as the master key may; left out: the master key alone
allow_literal_secrets: false # true: a secret may stand in this file itself

limits:
  body_bytes: 32MB # the largest request
  reply_bytes: 64MB # the largest whole answer
  event_bytes: 4MB # the largest event of a stream
  buffer_bytes: 1MB # held for a client that reads slowly before its upstream is paused
  streams_per_loop: 10000 # requests at the same time per event loop; more are answered with 503
  json_depth: 128

logs:
  requests: true # a JSON line per request, without bodies and secrets
  file: logs/requests.jsonl
  retention: 90d # of ledger rows; or forever
  sync: 1s # the journal to disk: never, close (with each attempt), or a time. A crash of the process loses nothing.

gateway:
  loops: auto # event loops; auto is one per two cores: nginx has the others. Takes effect at start.
  keepalive: 15s # a stream that is still waiting gets a comment or ping after so much silence; 0s is never
  stored_responses: 30d # how long answers of /v1/responses are kept for previous_response_id; off: not at all
  drain: 30s # how long a stop waits for open streams
  governance: on # off, to measure its cost: no budgets, limits, ledger, request log and metrics. Takes effect at start.

egress:
  allow_private: [] # hosts that may have private addresses, besides those that a base_url names

"""#
}
