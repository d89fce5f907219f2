import Keys
import Secrets
import Store

// A virtual key in a store of its own: made, found by its text, blocked.
let database = try Database(path: ":memory:")
_ = try Migrator.run(ChangeFeed.migrations + KeyStore.migrations, on: database)
let hasher = KeyHasher(pepper: .random(byteCount: 32))
let new = NewKey(hasher: hasher)
let key = try KeyStore.create(
    KeyDraft(alias: "app", models: ["gpt-4o"]), as: new, createdBy: nil, at: .now(), on: database)
let ring = try KeyRing(loading: database)
print(key.name, ring.find(hasher.hash(new.text))?.allows(model: "gpt-4o") ?? false)
_ = try KeyStore.block(.id(key.id), at: .now(), on: database)
_ = try ring.refresh(from: database)
print(ring.find(id: key.id)?.refusal(at: .now()) ?? "admitted")
