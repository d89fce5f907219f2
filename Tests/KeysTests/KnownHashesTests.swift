import Secrets
import Store
import Testing
import Units

@testable import Keys

@Suite struct KnownHashesTests {
    let fixture = KeyFixture()

    /// The first vectors of the reference code (vectors_sip128): key 00…0f, texts of 0 and 1 bytes 00.
    @Test func fingerprintsAreSipHash128() {
        let seed = KeyFingerprint.Seed(first: 0x0706_0504_0302_0100, second: 0x0f0e_0d0c_0b0a_0908)
        let empty = KeyFingerprint(of: UnsafeRawBufferPointer(start: nil, count: 0), seed)
        #expect(empty.words == (0xe6a8_25ba_047f_81a3, 0x9302_55c7_1472_f66d))
        [UInt8(0)].withUnsafeBytes { text in
            #expect(KeyFingerprint(of: text, seed).words == (0x44af_996b_d8c1_87da, 0x45fc_229b_1159_7634))
        }
    }

    @Test func everyByteAndTheLengthCount() {
        let seed = KeyFingerprint.Seed.random()
        let text = Array("sk-0123456789abcdefghijklmnopqrstuvwxyz".utf8)
        let whole = text.withUnsafeBytes { KeyFingerprint(of: $0, seed) }
        for index in text.indices {
            var changed = text
            changed[index] ^= 1
            #expect(changed.withUnsafeBytes { KeyFingerprint(of: $0, seed) } != whole)
            #expect(text[..<index].withUnsafeBytes { KeyFingerprint(of: $0, seed) } != whole)
        }
        #expect(text.withUnsafeBytes { KeyFingerprint(of: $0, .random()) } != whole)
    }

    @Test func aKeyThatWasLetInIsOutAtOnceWhenItIsBlockedOrDeleted() throws {
        let database = try fixture.open()
        let new = fixture.newKey()
        let id = try KeyStore.create(KeyDraft(), as: new, at: fixture.now, on: database).id
        let authenticator = Authenticator(
            hasher: fixture.hasher, keys: try KeyRing(loading: database), masterKey: nil)
        func answer() -> Refusal? {
            new.text.withUnsafeBytes { text in
                do throws(Refusal) {
                    _ = try authenticator.caller(withKey: text, at: fixture.now)
                    return nil
                } catch { return error }
            }
        }
        for _ in 0..<3 { #expect(answer() == nil) }
        _ = try KeyStore.delete(.id(id), at: fixture.now, on: database)
        try authenticator.keys.refresh(from: database)
        for _ in 0..<2 { #expect(answer() == .unknownKey) }
    }
}
