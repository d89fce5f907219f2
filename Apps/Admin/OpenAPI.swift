import Configuration
import JSONText

/// The description of the admin API, made from the table of routes, so that it cannot list what is not there.
enum OpenAPI {
    static let document: [UInt8] = {
        var writer = JSONWriter(capacity: 16_384)
        writer.beginObject()
        writer.member("openapi", "3.1.0")
        writer.key("info")
        writer.beginObject()
        writer.member("title", "Tollgate admin API")
        writer.member("version", TollgateVersion.text)
        writer.member("description", "Routes and fields as in LiteLLM's proxy.")
        writer.endObject()
        writer.key("security")
        writer.raw(#"[{"key":[]}]"#)
        writer.key("components")
        writer.raw(components)
        writer.key("paths")
        writer.beginObject()
        for path in AdminRoute.all.map(\.path) { write(path, to: &writer) }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }()

    private static func write(_ path: String, to writer: inout JSONWriter) {
        writer.key(path)
        writer.beginObject()
        for route in AdminRoute.all where route.path == path {
            writer.key(route.method.lowercased())
            writer.beginObject()
            writer.member("summary", route.summary)
            writer.member("operationId", operationID(route))
            if route.role == .anyone { writer.member("security", raw: "[]") }
            if let parameters = parameters[path] { writer.member("parameters", raw: list(of: parameters)) }
            if let body = bodies[path] {
                writer.member(
                    "requestBody",
                    raw: ##"{"required":true,"content":{"application/json":{"schema":"##
                        + ##"{"$ref":"#/components/schemas/\##(body)"}}}}"##)
            }
            writer.member("responses", raw: responses(of: route))
            writer.endObject()
        }
        writer.endObject()
    }

    private static func operationID(_ route: AdminRoute) -> String {
        let words = route.path.split(whereSeparator: { "/.".contains($0) })
        return ([route.method.lowercased()] + words.map(String.init)).joined(separator: "_")
    }

    private static func responses(of route: AdminRoute) -> String {
        let schema = answers[route.path] ?? "Any"
        let done =
            ##""200":{"description":"done","content":{"application/json":{"schema":"##
            + ##"{"$ref":"#/components/schemas/\##(schema)"}}}}"##
        // It needs no key, takes nothing that could be wrong, and asks no store.
        if route.role == .anyone { return "{\(done)}" }
        let error =
            ##"{"description":"error","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}}"##
        return
            ##"{\##(done),"400":\##(error),"401":\##(error),"403":\##(error),"404":\##(error),"503":\##(error)}"##
    }

    private static func list(of parameters: [(name: String, schema: String)]) -> String {
        let written = parameters.map { parameter in
            #"{"name":"\#(parameter.name)","in":"query","schema":\#(parameter.schema)}"#
        }
        return "[\(written.joined(separator: ","))]"
    }

    private static let text = #"{"type":"string"}"#
    private static let flag = #"{"type":"boolean"}"#

    private static func told(_ description: String) -> String {
        #"{"type":"string","description":"\#(description)"}"#
    }

    private static func number(to most: Int) -> String { #"{"type":"integer","minimum":1,"maximum":\#(most)}"# }

    private static let parameters: [String: [(name: String, schema: String)]] = [
        "/key/info": [
            ("key", told("the key or its hash; the master key has to name one, a virtual key is told about itself"))
        ],
        "/key/list": [
            ("page", number(to: Query.pageMax)), ("size", number(to: KeyRoutes.sizeMax)), ("user_id", text),
            ("team_id", text), ("key_alias", text), ("key_hash", text), ("search", text), ("return_full_object", flag),
            ("sort_by", #"{"type":"string","enum":["created_at","updated_at","key_alias","expires","max_budget"]}"#),
            ("sort_order", #"{"type":"string","enum":["asc","desc"]}"#), ("include_team_keys", flag),
            ("include_created_by_keys", flag),
        ],
        "/spend/logs": [
            ("api_key", text), ("request_id", text),
            ("model", told("the name that was asked for, or the provider's")),
            ("start_date", told("a day of UTC, 2026-11-23, or a time, 2026-11-23T10:00:00Z")),
            ("end_date", told("a day, which is in the range to its end, or a time, which is not")),
            ("page", number(to: Query.pageMax)), ("page_size", number(to: SpendRoutes.pageSizeMax)),
            ("summarize", #"{"type":"boolean","enum":[false]}"#),
        ],
    ]

    private static let bodies = [
        "/key/generate": "KeySettings", "/key/update": "KeyUpdate", "/key/block": "KeyName", "/key/unblock": "KeyName",
        "/key/delete": "KeyNames",
    ]

    private static let answers = [
        "/key/generate": "GeneratedKey", "/key/info": "KeyInfo", "/key/list": "KeyPage", "/key/update": "UpdatedKey",
        "/key/block": "Key", "/key/unblock": "Key", "/key/delete": "DeletedKeys", "/spend/logs": "SpendRows",
    ]

    /// - Parameters:
    ///   - or: what a request may say beside what an answer says: a number as a string, and `null` for what is then none.
    private static func settings(textFor or: String, null: String) -> String {
        ##"""
        "key_alias":{"type":["string","null"]},"models":{"type":["array"\##(null)],"items":{"type":"string"}},\##
        "max_budget":{"type":["number"\##(or),"null"],"minimum":0,"description":"US dollars"},\##
        "budget_duration":{"type":["string","null"],"examples":["1h","1d","30d","1mo"]},\##
        "rpm_limit":{"type":["integer"\##(or),"null"],"minimum":0},\##
        "tpm_limit":{"type":["integer"\##(or),"null"],"minimum":0},\##
        "max_parallel_requests":{"type":["integer"\##(or),"null"],"minimum":0},\##
        "metadata":{"type":["object"\##(null)]},"blocked":{"type":["boolean"\##(null)]},\##
        "user_id":{"type":["string","null"]},"team_id":{"type":["string","null"]}
        """##
    }

    private static let asked = settings(textFor: #","string""#, null: #","null""#)

    private static let key = ##"""
        \##(settings(textFor: "", null: "")),"token":{"type":"string","description":"the key's hash"},"key_name":{"type":"string"},\##
        "spend":{"type":"number","description":"US dollars in the present budget window, exact"},\##
        "expires":{"type":["string","null"]},"created_at":{"type":"string"},"created_by":{"type":["string","null"]},\##
        "updated_at":{"type":"string"},"warnings":{"type":"array","items":{"type":"string"},\##
        "description":"what was set that has no effect, a model that the configuration has not, say; else absent"}
        """##

    private static let row = ##"""
        \##(key),"total_spend":{"type":"number","description":"US dollars since it was made, exact"},\##
        "budget_reset_at":{"type":["string","null"]}
        """##

    private static let asGiven = #""key":{"type":"string","description":"as it was named in the request"}"#

    private static let components = ##"""
        {"securitySchemes":{"key":{"type":"http","scheme":"bearer","description":"the master key"}},"schemas":{\##
        "Any":{},\##
        "KeySettings":{"type":"object","properties":{\##(asked),"duration":{"type":["string","null"],\##
        "description":"until it expires"},"key":{"type":"string","minLength":20,"maxLength":256,\##
        "description":"a key of your own, which starts with sk-"}}},\##
        "KeyUpdate":{"type":"object","required":["key"],"properties":{\##(asked),"duration":{"type":["string","null"]},\##
        "key":{"type":"string","description":"the key or its hash"}}},\##
        "KeyName":{"type":"object","required":["key"],"properties":{"key":{"type":"string"}}},\##
        "KeyNames":{"type":"object","properties":{"keys":{"type":"array","items":{"type":"string"}},\##
        "key_aliases":{"type":"array","items":{"type":"string"}}}},\##
        "Key":{"type":"object","properties":{\##(row)}},\##
        "UpdatedKey":{"type":"object","required":["key"],"properties":{\##(row),\##(asGiven)}},\##
        "GeneratedKey":{"type":"object","required":["key"],"properties":{\##(key),"token_id":{"type":"string"},\##
        "duration":{"type":["string","null"]},"key":{"type":"string","description":"shown only here"}}},\##
        "KeyInfo":{"type":"object","properties":{\##(asGiven),"info":{"$ref":"#/components/schemas/Key"}}},\##
        "KeyPage":{"type":"object","properties":{"keys":{"type":"array","items":{"anyOf":[{"type":"string",\##
        "description":"the key's hash"},{"$ref":"#/components/schemas/Key"}]}},"total_count":{"type":"integer"},\##
        "current_page":{"type":"integer"},"total_pages":{"type":"integer"}}},\##
        "DeletedKeys":{"type":"object","properties":{"deleted_keys":{"type":"array","items":{"type":"string"},\##
        "description":"as they were named in the request"}}},\##
        "SpendRows":{"type":"array","items":{"type":"object"}},\##
        "Error":{"type":"object","properties":{"error":{"type":"object","properties":{"message":{"type":"string"},\##
        "type":{"type":"string"},"param":{"type":["string","null"]},"code":{"type":["string","null"]}}}}}}}
        """##
}
