import JSONText

/// The tools of Anthropic's that the client runs, as functions for models that have to be told what they are.
///
/// Facts (https://platform.claude.com/docs/en/agents-and-tools/tool-use/bash-tool, …/text-editor-tool and …/memory-tool,
/// read on 2026-11-30)
/// 1. A request says their type and name alone: the schema is built into Claude. Their calls are `tool_use` and what came
///    of them `tool_result`, as of any function.
/// 2. `bash` wants a `command`, unless it is to `restart`.
/// 3. The editor has `undo_edit` up to Claude Sonnet 3.7 (`text_editor_20250124`). What `insert` adds is `insert_text`; up
///    to `text_editor_20250429` it is `new_str` (`EditTool20250124` and `EditTool20250429` in
///    https://github.com/anthropics/claude-quickstarts, computer-use-demo/computer_use_demo/tools/edit.py).
/// 4. With `memory` the API adds to the system prompt that the model has to view its directory before anything else, and
///    to record its progress there: the description says so.
///
/// A version that is not known is taken for the newest. `computer_…` is none of these: what comes of it are screens.
enum MessagesClientTools {
    static func holds(_ tool: ServerTool) -> Bool {
        tool.nativeDialect == .messages && [.shell, .textEditor, .memory].contains(tool.kind)
    }

    /// - Returns: nil where it is none of them.
    static func function(for tool: ServerTool) -> Tool? {
        guard holds(tool) else { return nil }
        var rest = tool.extras
        var function: FunctionTool
        switch tool.kind {
        case .shell: function = bash
        case .textEditor: function = editor(tool.native["type"]?.string ?? "", &rest)
        default: function = memory
        }
        if let name = tool.name { function.name = name }
        if let strict = rest["strict"]?.bool {
            function.strict = strict
            rest["strict"] = nil
        }
        var told = Tool(.function(function))
        told.extras = rest
        return told
    }

    private static var bash: FunctionTool {
        FunctionTool(
            name: "bash",
            description: """
                Runs a command in a bash session and gives back what it printed. The session stays open from one call to \
                the next: its directory, its variables and the files that were made are still there.
                """,
            parameters: schema(
                [
                    "command": property("string", "The command to run. Only a restart goes without one."),
                    "restart": property("boolean", "Whether to begin a new session, without anything of this one."),
                ], required: []))
    }

    private static func editor(_ type: String, _ rest: inout JSONObject) -> FunctionTool {
        let undoes = ["text_editor_20241022", "text_editor_20250124"].contains(type)
        var description = """
            Views and edits text files. `view` shows a file, or what is in a directory; `create` writes a new file; \
            `str_replace` puts a text in place of another; `insert` adds one behind a line
            """
        description += undoes ? "; `undo_edit` takes back the last edit of a file." : "."
        if let most = rest["max_characters"]?.int {
            description += " Of a file that is viewed, the first \(most) characters are shown."
            rest["max_characters"] = nil
        }
        var members = members(
            of: ["view", "create", "str_replace", "insert"] + (undoes ? ["undo_edit"] : []),
            path: "The file; for `view` also a directory.")
        if undoes || type == "text_editor_20250429" {
            members["new_str"] = property("string", "Of `str_replace`: the text to put there; of `insert`: to add.")
            members["insert_text"] = nil
        }
        return FunctionTool(
            name: undoes ? "str_replace_editor" : "str_replace_based_edit_tool", description: description,
            parameters: schema(members, required: ["command", "path"]))
    }

    private static var memory: FunctionTool {
        var members = members(
            of: ["view", "create", "str_replace", "insert", "delete", "rename"],
            path: "The file or directory, under /memories; of every command but `rename`.")
        members["old_path"] = property("string", "Of `rename`: the file or directory, under /memories.")
        members["new_path"] = property("string", "Of `rename`: what it is to be called, under /memories.")
        return FunctionTool(
            name: "memory",
            description: """
                Views and edits the files in /memories, which last from one conversation to the next. View that directory \
                before you do anything else, to find what was done before, and record your progress in it as you go: the \
                conversation may be cut off at any moment, and what is not recorded is lost.
                """,
            parameters: schema(members, required: ["command"]))
    }

    // MARK: - Schemas

    /// What the editor and the memory tool have alike.
    private static func members(of commands: [String], path: String) -> JSONObject {
        var range = property("array", "Of `view`: the first and the last line of a file, from 1 on; -1 is its end.")
        range["items"] = ["type": "integer"]
        return [
            "command": ["type": "string", "enum": .array(commands.map { .string($0) })],
            "path": property("string", path), "view_range": range,
            "file_text": property("string", "Of `create`: what the file is to hold."),
            "old_str": property("string", "Of `str_replace`: the text to replace, exactly as it stands in the file."),
            "new_str": property("string", "Of `str_replace`: the text to put there."),
            "insert_line": property("integer", "Of `insert`: the line behind which to add; 0 is before the first."),
            "insert_text": property("string", "Of `insert`: the text to add."),
        ]
    }

    private static func schema(_ members: JSONObject, required: [String]) -> JSON {
        var schema: JSONObject = ["type": "object", "properties": .object(members)]
        if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
        return .object(schema)
    }

    private static func property(_ type: String, _ description: String) -> JSON {
        ["type": .string(type), "description": .string(description)]
    }
}

extension ServerTool {
    /// Whether it is one of Anthropic's that the client runs, and of which other models can be told as a function.
    public var isFunctionElsewhere: Bool { MessagesClientTools.holds(self) }
}

extension Conversation {
    /// Makes functions of the tools that Claude alone knows by their types, and reports each as adjusted.
    mutating func makeFunctionsOfClientTools(_ losses: inout LossReport) {
        guard origin == .messages else { return }
        for index in tools.indices {
            guard case .server(let server) = tools[index].definition,
                let function = MessagesClientTools.function(for: server)
            else { continue }
            tools[index].definition = function.definition
            tools[index].extras = function.extras
            losses.adjust(server.clientName)
            guard case .server(let choice)? = toolChoice, let name = function.name,
                choice["name"]?.string == name
            else { continue }
            toolChoice = .function(name)
        }
    }
}
