import Glibc
import Synchronization
import Units

/// A secret that is read when it is needed and read again when it changed, so that a rotated key needs no restart.
///
/// 1. The place is looked at no more often than every 500 ms; in between `current()` costs one uncontended lock.
/// 2. No lock is held while the file is read: other callers meanwhile get the value from before.
/// 3. While the place cannot be read, is empty or holds what is of another form than is needed, the last good value stays
///    in use and `status` says so. Without a last good value `current()` throws.
public final class SecretSource: Sendable {
    /// How the value in use compares with the place it came from.
    public enum Status: Sendable, Equatable {
        /// Nobody asked yet.
        case unread
        /// The value in use is the one that was there at the last look, and came on `since`.
        case current(since: Timestamp)
        /// The place has no good value since `since`; the last good value is in use.
        case stale(SecretError, since: Timestamp)
        /// There is no value.
        case failed(SecretError)
    }

    /// Where the value comes from, for messages: it is no secret unless it is a literal.
    public let reference: SecretReference
    private let path: String
    private let form: SecretForm
    private let state = Mutex(State())

    private static let lookInterval: Int64 = 500_000_000

    private struct State {
        var value: Secret?
        var status = Status.unread
        var stamp: FileStamp?
        /// The file was younger than a second when it was read: a later write may bear the same stamp.
        var stampIsYoung = false
        var nextLook: Int64 = .min
        var isLooking = false
    }

    /// What one look at the place found.
    private enum Finding {
        case unchanged
        case value(Secret, FileStamp?)
        case failure(SecretError)
    }

    /// - Parameters:
    ///   - baseDirectory: where a relative file path starts.
    ///   - form: what the value has to be like.
    public init(_ reference: SecretReference, baseDirectory: String = ".", form: SecretForm = .any) {
        self.reference = reference
        self.form = form
        path =
            switch reference {
            case .file(let path) where path.hasPrefix("/"): path
            case .file(let path): "\(baseDirectory)/\(path)"
            default: ""
            }
    }

    /// As of the last look: this one does not look.
    public var status: Status { state.withLock { $0.status } }

    /// The value to use now.
    public func current() throws(SecretError) -> Secret {
        let now = Self.monotonicNow()
        let (known, stamp, mustLook) = state.withLock { state -> (Secret?, FileStamp?, Bool) in
            let mustLook = state.value == nil || (now >= state.nextLook && !state.isLooking)
            if mustLook { state.isLooking = true }
            return (state.value, state.stampIsYoung ? nil : state.stamp, mustLook)
        }
        if !mustLook, let known { return known }
        return try accept(look(knowing: stamp), at: now)
    }

    /// Looks at the place at once, however short ago the last look was: for SIGHUP and for tests.
    @discardableResult
    public func reread() throws(SecretError) -> Secret {
        try accept(look(knowing: nil), at: Self.monotonicNow())
    }

    private func accept(_ finding: Finding, at now: Int64) throws(SecretError) -> Secret {
        try state.withLock { state throws(SecretError) in
            state.isLooking = false
            state.nextLook = now + Self.lookInterval
            return try Self.record(finding, in: &state)
        }
    }

    private func look(knowing stamp: FileStamp?) -> Finding {
        do throws(SecretError) {
            switch reference {
            case .literal(let secret): return .value(try form.value(of: secret, from: "\(reference)"), nil)
            case .environment(let name):
                return .value(try form.value(of: try Self.variable(name), from: "\(reference)"), nil)
            case .file:
                if let stamp, FileStamp(of: path) == stamp { return .unchanged }
                let (secret, stamp) = try SecretFile.readStamped(path)
                return .value(try form.value(of: secret, from: "file:\(path)"), stamp)
            }
        } catch {
            return .failure(error)
        }
    }

    private static func variable(_ name: String) throws(SecretError) -> Secret {
        guard let value = getenv(name) else { throw .notSet(reference: "env:\(name)") }
        let bytes = SecretFile.withoutLineEnd(UnsafeRawBufferPointer(start: value, count: strlen(value)))
        guard !bytes.isEmpty else { throw .empty(reference: "env:\(name)") }
        return Secret(bytes: bytes)
    }

    private static func record(_ finding: Finding, in state: inout State) throws(SecretError) -> Secret {
        switch finding {
        case .unchanged: break  // known only of a value that is current: a failure forgets the stamp
        case .value(let secret, let stamp):
            // The old copy is kept when nothing changed, so that `isCopy(of:)` stays true.
            let isNew = state.value != secret
            if isNew { state.value = secret }
            if isNew || !state.status.isCurrent { state.status = .current(since: .now()) }
            state.stamp = stamp
            state.stampIsYoung = stamp?.isYoung ?? false
        case .failure(let error):
            state.stamp = nil
            switch (state.value, state.status) {
            case (nil, _): state.status = .failed(error)
            case (_, .stale(_, let since)): state.status = .stale(error, since: since)
            default: state.status = .stale(error, since: .now())
            }
            if state.value == nil { throw error }
        }
        guard let value = state.value else { preconditionFailure("an unchanged secret was never read") }
        return value
    }

    private static func monotonicNow() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension SecretSource.Status {
    fileprivate var isCurrent: Bool {
        if case .current = self { true } else { false }
    }
}
