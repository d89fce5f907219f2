import Configuration
import Glibc
import TestSupport
import Testing

@Suite("A watched file")
struct FileWatchTests {
    @Test("every edit in place is seen, though many have the same size and the same tick of the clock")
    func edits() {
        let folder = TemporaryFolder()
        folder.write([0, 0], to: "file")
        var watch = FileWatch(folder.file("file"))
        for number in 1...1000 {
            folder.write([UInt8(number >> 8), UInt8(number & 255)], to: "file")
            #expect(watch.hasChanged(), "edit \(number)")
            #expect(!watch.hasChanged())
        }
    }

    @Test("an old file is told by its stamp: written, removed, there again")
    func old() {
        let folder = TemporaryFolder()
        folder.write([1], to: "file")
        var watch = FileWatch(folder.file("file"))
        usleep(1_100_000)
        #expect(!watch.hasChanged() && !watch.hasChanged())
        folder.write([2], to: "file")
        #expect(watch.hasChanged())
        unlink(folder.file("file"))
        #expect(watch.hasChanged() && !watch.hasChanged())
        folder.write([2], to: "file")
        #expect(watch.hasChanged() && !watch.hasChanged())
    }
}
