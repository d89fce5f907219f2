import Secrets

// A credential from the environment, which no print can show and every log line is cleaned of.
let source = SecretSource(try SecretReference("env:HOME"))
let secret = try source.current()
print("printed:", secret, "of", source.reference)
print(SecretScrubber([secret]).scrubbed("the value is " + secret.reveal(for: "an example")))
