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
            let looks = [watch.hasChanged(), watch.hasChanged()]
            #expect(looks == [true, false], "edit \(number)")
        }
    }

    @Test("an old file is told by its stamp: written, removed, there again")
    func old() {
        let folder = TemporaryFolder()
        folder.write([1], to: "file")
        var watch = FileWatch(folder.file("file"))
        usleep(1_100_000)
        var looks = [watch.hasChanged(), watch.hasChanged()]
        folder.write([2], to: "file")
        looks.append(watch.hasChanged())
        unlink(folder.file("file"))
        looks += [watch.hasChanged(), watch.hasChanged()]
        folder.write([2], to: "file")
        looks += [watch.hasChanged(), watch.hasChanged()]
        #expect(looks == [false, false, true, true, false, true, false])
    }
}
