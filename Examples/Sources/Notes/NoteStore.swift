import HyperServe
import Synchronization

/// The notes, in memory. Any thread may use it. No function takes long, so inline handlers may call them.
public final class NoteStore: Sendable {
    private struct State {
        var notes: [Int: Note] = [:]
        var lastID = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// All notes, or those that are done or not, oldest first.
    func list(isDone: Bool?) -> [Note] {
        state.withLock { state in
            state.notes.values.filter { isDone == nil || $0.isDone == isDone }.sorted { $0.id < $1.id }
        }
    }

    /// One note. Throws 404 if there is none.
    func find(_ id: Int) throws -> Note {
        try state.withLock { state in
            guard let note = state.notes[id] else { throw HTTPError(.notFound, "there is no note \(id)") }
            return note
        }
    }

    func add(_ draft: NoteDraft) -> Note {
        state.withLock { state in
            state.lastID += 1
            let note = Note(
                id: state.lastID, title: draft.title, text: draft.text ?? "", isDone: draft.isDone ?? false)
            state.notes[note.id] = note
            return note
        }
    }

    /// Replaces a note by a draft. Throws 404 if there is none.
    func replace(_ id: Int, with draft: NoteDraft) throws -> Note {
        try state.withLock { state in
            guard state.notes[id] != nil else { throw HTTPError(.notFound, "there is no note \(id)") }
            let note = Note(id: id, title: draft.title, text: draft.text ?? "", isDone: draft.isDone ?? false)
            state.notes[id] = note
            return note
        }
    }

    /// Throws 404 if there is none.
    func remove(_ id: Int) throws {
        try state.withLock { state in
            guard state.notes.removeValue(forKey: id) != nil else {
                throw HTTPError(.notFound, "there is no note \(id)")
            }
        }
    }
}
