"""Virtual keys and the admin API: LiteLLM's routes, fields and answers; edits in force within a second."""

import gzip
import json
import re
import subprocess
import time
from datetime import date, timedelta

import pytest
from tollgate_stack import MODEL, wait_until
from tollgate_stack.configuration import model
from tollgate_stack.stack import programs

CHANGES = {"models": [model(MODEL), model("second"), model("group/*", {"provider": "mock"}),
                      model("public-name", {"provider": "mock", "model": "providers-name"})]}  # fmt: skip

FIELDS_OF_INFO = {
    "key_name", "key_alias", "spend", "expires", "models", "user_id", "team_id", "max_parallel_requests", "metadata",
    "blocked", "tpm_limit", "rpm_limit", "max_budget", "budget_duration", "created_at", "updated_at",
}  # fmt: skip


# Generate


@pytest.mark.parametrize("name", ["models", "fallbacks", "preset"])
def test_a_key_for_some_models_names_no_others_by_the_providers_own_members(stack, name):
    refused = stack.caller(models=[MODEL]).chat(**{name: ["other"]})
    assert (refused.status, refused.error["code"], refused.error["param"]) == (400, "parameter_not_allowed", name)
    for everything in ([], ["*"], [MODEL, "all-proxy-models"]):
        assert stack.caller(models=everything).chat(**{name: ["other"]}).status == 200, everything
    assert stack.caller(models=[MODEL]).chat(**{name: []}).status == 200


def test_a_key_for_some_models_names_no_others_in_the_options_of_vercels_gateway(stack):
    client = stack.caller(models=[MODEL])
    refused = client.chat(providerOptions={"gateway": {"models": ["other"]}})
    name = "providerOptions.gateway.models"
    assert (refused.status, refused.error["code"], refused.error["param"]) == (400, "parameter_not_allowed", name)
    for options in (None, {}, {"gateway": None}, {"gateway": {"models": []}}, {"gateway": {"order": ["groq"]}}):
        assert client.chat(providerOptions=options).status == 200, options


def test_a_generated_key_is_shown_once_with_the_fields_that_litellm_gives(stack):
    fields = {
        "key_alias": "app-one", "models": [MODEL, "group/*"], "duration": "30d", "max_budget": 12.5,
        "budget_duration": "30d", "rpm_limit": 100, "tpm_limit": 100000, "max_parallel_requests": 7,
        "metadata": {"owner": "team é", "n": [1, 2.5, None]}, "user_id": "u-1", "team_id": "t-1",
    }  # fmt: skip
    record = stack.key(**fields)
    assert re.fullmatch(r"sk-[A-Za-z0-9_-]{43,}", record["key"])
    assert re.fullmatch("[0-9a-f]{64}", record["token"]) and record["token_id"] == record["token"]
    assert record["key_name"] == "sk-..." + record["key"][-4:]
    for name in ("key_alias", "models", "max_budget", "budget_duration", "rpm_limit", "tpm_limit", "metadata"):
        assert record[name] == fields[name], name
    assert (record["max_parallel_requests"], record["user_id"], record["team_id"]) == (7, "u-1", "t-1")
    assert record["spend"] == 0
    assert re.match(r"\d{4}-\d\d-\d\dT", record["expires"])

    info = stack.master.admin(f"/key/info?key={record['key']}")
    assert info["info"]["key_alias"] == "app-one" and record["key"] not in json.dumps(info["info"])
    listed = stack.master.admin("/key/list?size=100&return_full_object=true")
    assert record["key"] not in json.dumps(listed)


def test_a_key_without_any_field_is_unlimited(stack):
    record = stack.key()
    for name in ("max_budget", "rpm_limit", "tpm_limit", "max_parallel_requests", "expires", "budget_duration"):
        assert record[name] is None, name
    assert record["models"] == [] and not record["blocked"]
    assert stack.client.with_key(record["key"]).chat().status == 200


def test_a_key_for_a_model_that_is_not_there_is_made_with_a_warning(stack):
    warning = ["models: no model of this gateway's configuration is named 'secnod'"]
    record = stack.key(models=["secnod", "second", "group/one", "grou*", "all-proxy-models"])
    assert record["warnings"] == warning and record["models"][0] == "secnod"
    assert "warnings" not in stack.key(models=["second", "*"])

    def update(**fields):
        return stack.master.admin("/key/update", {"key": record["key"], **fields})

    assert "warnings" not in update(rpm_limit=5)
    assert update(models=["secnod"])["warnings"] == warning
    assert "warnings" not in update(models=["second"])
    assert "warnings" not in stack.master.admin("/key/block", {"key": record["key"]})
    properties = stack.master.admin("/openapi.json")["components"]["schemas"]["GeneratedKey"]["properties"]
    assert properties["warnings"]["type"] == "array"


def test_the_warning_of_a_models_name_goes_by_the_present_configuration(stack):
    def is_known():
        return "warnings" not in stack.key(models=["later"])

    assert not is_known()
    stack.write_configuration(models=[*CHANGES["models"], model("later")])
    wait_until(is_known, 2.0, "the new model")
    stack.write_configuration(**CHANGES)
    wait_until(lambda: not is_known(), 2.0, "the old configuration")


def test_two_keys_are_never_alike(stack):
    assert len({stack.key()["key"] for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "fields",
    [
        {"max_budget": -1}, {"max_budget": "many"}, {"rpm_limit": -5}, {"rpm_limit": 1.5}, {"tpm_limit": "x"},
        {"max_budget": "-1"}, {"max_budget": "5 "}, {"max_budget": ""}, {"rpm_limit": "1.5"}, {"tpm_limit": "5k"},
        {"max_parallel_requests": -1}, {"models": "gpt"}, {"models": [1]}, {"duration": "soon"}, {"duration": "30x"},
        {"budget_duration": "often", "max_budget": 1}, {"metadata": [1]}, {"blocked": "yes"}, {"key_alias": 7},
    ],
    ids=lambda fields: json.dumps(fields),
)  # fmt: skip
def test_a_wrong_value_is_refused_and_names_the_field(stack, fields):
    answer = stack.master.post("/key/generate", fields)
    assert answer.status in (400, 422), answer
    assert next(iter(fields)) in answer.body.decode()


def test_an_amount_or_a_limit_may_be_a_string_that_is_a_number(stack):
    """As in LiteLLM, whose models read numeric strings."""
    numbers = {"max_budget": 0.1, "rpm_limit": 5, "tpm_limit": 1000, "max_parallel_requests": 2}
    texts = {"max_budget": "0.1", "rpm_limit": "5", "tpm_limit": "1000", "max_parallel_requests": "2"}
    record = stack.key(**texts)
    assert {name: record[name] for name in numbers} == numbers
    updated = stack.master.admin("/key/update", {"key": record["key"], "max_budget": "7", "rpm_limit": "0"})
    assert (updated["max_budget"], updated["rpm_limit"]) == (7, 0)


def test_plain_text_as_an_admin_body_is_told_as_what_it_is(stack):
    message = stack.master.post("/key/generate", b"not json").error["message"]
    assert "expected a value, but found 'n' at byte 0" in message and "null" not in message


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe{}", b"{" * 10_000])
def test_an_admin_body_that_is_no_json_object_is_refused(stack, body):
    answer = stack.master.post("/key/block", body)
    assert answer.status in (400, 422), (body[:20], answer)


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-16", "application/json; charset=utf-16",
                                  "application/x-www-form-urlencoded"])  # fmt: skip
def test_an_admin_body_of_another_type_is_415(stack, kind):
    answer = stack.master.post("/key/generate", {}, content_type=kind)
    assert (answer.status, answer.error["code"]) == (415, "unsupported_content_type")
    assert f"'{kind}'" in answer.error["message"]


def test_an_encoded_admin_body_is_415_and_told_what_is_taken(stack):
    for body in (b"{}", gzip.compress(b"{}")):
        answer = stack.master.post("/key/generate", body, headers=[("Content-Encoding", "gzip")])
        assert (answer.status, answer.headers["accept-encoding"]) == (415, "identity")
        assert answer.error["code"] == "unsupported_content_encoding"


def test_an_admin_body_without_a_type_is_json_and_a_get_has_none(stack):
    assert stack.master.post("/key/generate", {}, content_type=None).status == 200
    for kind in ("application/json; charset=utf-8", "Application/JSON"):
        assert stack.master.post("/key/generate", {}, content_type=kind).status == 200, kind
    assert stack.master.get("/key/list", headers=[("Content-Type", "text/plain")]).status == 200


def test_an_alias_belongs_to_one_key(stack):
    stack.key(key_alias="only-one")
    assert stack.master.post("/key/generate", {"key_alias": "only-one"}).status == 400


def test_a_key_may_be_given_by_the_caller(stack):
    """LiteLLM takes `key` in /key/generate; scripts that migrate keys need it."""
    mine = "sk-mine-0123456789abcdefghijklmnopqrstuvwxyz"
    answer = stack.master.post("/key/generate", {"key": mine})
    assert answer.status == 200 and answer.json()["key"] == mine
    assert stack.client.with_key(mine).chat().status == 200
    assert stack.master.post("/key/generate", {"key": mine}).status == 400


@pytest.mark.parametrize("key", ["mine-0123456789abcdefghijklmnop", "SK-0123456789abcdefghijklmnop", "sk-short", ""])
def test_a_key_of_ones_own_must_look_like_one(stack, key):
    """As in LiteLLM, and by `sk-` the logs know what to mask."""
    answer = stack.master.post("/key/generate", {"key": key})
    assert answer.status == 400 and answer.error["param"] == "key"
    assert "must start with 'sk-'" in answer.error["message"] and (not key or key not in answer.body.decode())


def test_a_budget_duration_without_a_budget_is_warned_of(stack):
    warning = ["budget_duration: without a max_budget it limits nothing"]
    record = stack.key(budget_duration="1d")
    assert record["warnings"] == warning

    def update(**fields):
        return stack.master.admin("/key/update", {"key": record["key"], **fields}).get("warnings")

    assert update(rpm_limit=5) is None and update(max_budget=1) is None
    assert update(max_budget=None) == warning and update(budget_duration=None) is None
    made = stack.command("key", "create", "--budget-duration", "1d")
    assert made.stderr == f"warning: {warning[0]}\n"


# Answers as LiteLLM's, whole


def row_of(record, **changes):
    """A key's row in all answers but the one that made it."""
    row = {name: value for name, value in record.items() if name not in ("key", "token_id", "duration")}
    return {**row, "spend": 0, "total_spend": 0, "budget_reset_at": None, **changes}


def described(stack, schema):
    schemas = stack.master.admin("/openapi.json")["components"]["schemas"]
    return set(schemas[schema]["properties"]) - {"warnings"}


@pytest.mark.parametrize("name", ["key", "token"])
def test_answers_name_a_key_as_the_request_did_and_are_as_described(stack, name):
    record = stack.key(max_budget=2.5, metadata={"a": [1]})
    given = record[name]
    assert set(record) == described(stack, "GeneratedKey")
    assert described(stack, "Key") == set(row_of(record))
    assert stack.master.admin(f"/key/info?key={given}") == {"key": given, "info": row_of(record)}
    updated = stack.master.admin("/key/update", {"key": given, "rpm_limit": 7})
    assert updated == {"key": given, **row_of(record, rpm_limit=7, updated_at=updated["updated_at"])}
    assert set(updated) == described(stack, "UpdatedKey")
    for verb, blocked in (("block", True), ("unblock", False)):
        answer = stack.master.admin(f"/key/{verb}", {"key": given})
        assert answer == row_of(record, rpm_limit=7, blocked=blocked, updated_at=answer["updated_at"])
    page = {"total_count": 1, "current_page": 1, "total_pages": 1}
    listed = f"/key/list?key_hash={record['token']}"
    assert stack.master.admin(listed) == {"keys": [record["token"]], **page}
    assert stack.master.admin(listed + "&return_full_object=true") == {
        "keys": [row_of(record, rpm_limit=7, updated_at=answer["updated_at"])], **page
    }  # fmt: skip
    assert stack.master.admin("/key/delete", {"keys": [given]}) == {"deleted_keys": [given]}


def test_a_key_that_asks_about_itself_without_naming_itself_is_named_by_its_hash(stack):
    record = stack.key()
    client = stack.client.with_key(record["key"])
    assert client.admin("/key/info") == {"key": record["token"], "info": row_of(record)}
    assert client.admin(f"/key/info?key={record['key']}")["key"] == record["key"]
    assert client.get("/key/info?key=a%20b").status == 403


def test_deleted_keys_are_named_as_in_the_request(stack):
    one, other = stack.key(), stack.key(key_alias="by-its-alias")
    deleted = stack.master.admin("/key/delete", {"keys": [one["key"]], "key_aliases": ["by-its-alias"]})
    assert deleted == {"deleted_keys": [one["key"], "by-its-alias"]}
    assert stack.master.get(f"/key/info?key={other['token']}").status == 404
    many = stack.master.post("/key/delete", {"keys": ["sk-nobody"] * 1001})
    assert many.status == 400 and "1000" in many.error["message"]


@pytest.mark.parametrize(
    "missing, param, named",
    [
        ({"keys": ["sk-of-nobody-at-all-0000"]}, "keys", "keys[1]"),
        ({"keys": ["a b\u00e9"]}, "keys", "keys[1]"),
        ({"key_aliases": ["nobody"]}, "key_aliases", "key_aliases[0] ('nobody')"),
    ],
)
def test_a_deletion_of_several_keys_says_which_is_missing_and_deletes_none(stack, missing, param, named):
    record = stack.key()
    body = {**missing, "keys": [record["key"], *missing.get("keys", [])]}
    refused = stack.master.post("/key/delete", body)
    assert (refused.status, refused.error["code"], refused.error["param"]) == (404, "key_not_found", param)
    assert refused.error["message"] == f"No such key: {named}. Nothing was deleted."
    assert stack.master.get(f"/key/info?key={record['token']}").status == 200


def test_what_is_wrong_with_a_keys_settings_is_told_in_sentences(stack):
    refused = stack.master.post("/key/generate", {"key_alias": "a" * 257})
    assert (refused.status, refused.error["message"]) == (400, "key_alias must have at most 256 bytes")
    refused = stack.master.post("/key/generate", b'{"rpm_limit": 1, "rpm_limit": 2}')
    assert (refused.status, refused.error["param"]) == (400, "rpm_limit")
    assert refused.error["message"] == "The member 'rpm_limit' stands twice in the request body."


# Info and list


def test_info_finds_a_key_by_its_text_and_by_its_hash(stack):
    record = stack.key(key_alias="found", max_budget=3, metadata={"a": 1})
    for name in (record["key"], record["token"]):
        info = stack.master.admin(f"/key/info?key={name}")
        assert FIELDS_OF_INFO <= set(info["info"]), FIELDS_OF_INFO - set(info["info"])
        assert (info["info"]["key_alias"], info["info"]["max_budget"]) == ("found", 3)
        assert info["info"]["metadata"] == {"a": 1}
    assert stack.master.get("/key/info?key=sk-unknown").status == 404
    assert stack.master.get(f"/key/info?key={'0' * 64}").status == 404


def test_a_key_may_ask_about_itself_and_about_no_other(stack):
    mine, other = stack.key(key_alias="mine"), stack.key()
    client = stack.client.with_key(mine["key"])
    assert client.admin("/key/info")["info"]["key_alias"] == "mine"
    assert client.get(f"/key/info?key={other['token']}").status in (401, 403)


def test_list_has_pages_and_filters(stack):
    for number in range(5):
        stack.key(key_alias=f"page-{number}", user_id="pager")
    first = stack.master.admin("/key/list?user_id=pager&page=1&size=2")
    assert first["total_count"] == 5 and first["current_page"] == 1 and first["total_pages"] == 3
    pages = [stack.master.admin(f"/key/list?user_id=pager&page={page}&size=2")["keys"] for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({json.dumps(key) for page in pages for key in page}) == 5
    full = stack.master.admin("/key/list?user_id=pager&size=10&return_full_object=true")["keys"]
    assert {entry["key_alias"] for entry in full} == {f"page-{number}" for number in range(5)}
    (one,) = stack.master.admin("/key/list?key_alias=page-3&return_full_object=true")["keys"]
    assert one["key_alias"] == "page-3"
    for bad in ("page=0", "page=x", "size=0", "size=-1", "size=100000000"):
        assert stack.master.get(f"/key/list?{bad}").status == 400, bad


def test_list_sorts_and_takes_what_adds_nothing(stack):
    budgets = {stack.key(user_id="sorter", max_budget=budget, key_alias=f"s-{budget}")["token"]: budget
               for budget in (2, 3, 1)}  # fmt: skip

    def sorted_by(query):
        return [budgets[token] for token in stack.master.admin(f"/key/list?user_id=sorter&{query}")["keys"]]

    assert sorted_by("sort_by=max_budget&sort_order=asc") == [1, 2, 3]
    assert sorted_by("sort_by=key_alias") == [3, 2, 1]
    assert sorted_by("sort_order=asc") == [2, 3, 1]
    assert sorted_by("include_team_keys=true&include_created_by_keys=false") == [1, 3, 2]


@pytest.mark.parametrize("query", [
    "status=deleted", "organization_id=x", "project_id=x", "expand=user", "substring_matching=true", "usr_id=x",
    "sort_by=spend", "sort_order=up", "include_team_keys=maybe",
])  # fmt: skip
def test_list_refuses_what_would_pass_for_no_filter(stack, query):
    answer = stack.master.get(f"/key/list?{query}")
    name = query.partition("=")[0]
    assert answer.status == 400 and answer.error["param"] == name and name in answer.error["message"]
    if "no parameter" in answer.error["message"]:
        assert "Known: " in answer.error["message"] and "user_id" in answer.error["message"]


# Update, block, delete: in force within a second, and for good


def allowed(client, **options):
    return client.chat(**options).status == 200


def within_a_second(condition, what):
    wait_until(condition, 1.0, what, pause=0.01)


def test_a_block_is_in_force_within_a_second_and_never_comes_back_by_itself(stack):
    record = stack.key()
    client = stack.client.with_key(record["key"])
    assert allowed(client)  # so that the key is in the gateway's memory
    blocked = stack.master.admin("/key/block", {"key": record["key"]})
    assert blocked["blocked"] is True
    within_a_second(lambda: not allowed(client), "the block")
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        assert client.chat().status in (401, 403)
        time.sleep(0.01)
    assert stack.master.admin("/key/unblock", {"key": record["key"]})["blocked"] is False
    within_a_second(lambda: allowed(client), "the unblocking")


def test_block_and_delete_take_the_hash_too(stack):
    record = stack.key()
    client = stack.client.with_key(record["key"])
    stack.master.admin("/key/block", {"key": record["token"]})
    within_a_second(lambda: not allowed(client), "the block")
    stack.master.admin("/key/delete", {"keys": [record["token"]]})
    assert client.chat().status == 401


def test_an_edit_is_in_force_within_a_second(stack):
    record = stack.key(models=["second"])
    client = stack.client.with_key(record["key"])
    assert client.chat().status == 403 and allowed(client, model="second")
    updated = stack.master.admin("/key/update", {"key": record["key"], "models": [MODEL], "metadata": {"v": 2}})
    assert updated["models"] == [MODEL]
    within_a_second(lambda: allowed(client) and not allowed(client, model="second"), "the new models")
    info = stack.master.admin(f"/key/info?key={record['token']}")["info"]
    assert (info["models"], info["metadata"]) == ([MODEL], {"v": 2})


def test_an_update_changes_what_it_names_and_null_clears(stack):
    record = stack.key(max_budget=5, rpm_limit=9, key_alias="kept")
    stack.master.admin("/key/update", {"key": record["key"], "max_budget": None})
    info = stack.master.admin(f"/key/info?key={record['token']}")["info"]
    assert (info["max_budget"], info["rpm_limit"], info["key_alias"]) == (None, 9, "kept")


@pytest.mark.parametrize("spend", [0, 1.5, None])
def test_an_update_cannot_set_the_spending(stack, spend):
    record = stack.key(max_budget=5)
    answer = stack.master.post("/key/update", {"key": record["key"], "spend": spend})
    assert answer.status == 400 and "spend cannot be set" in answer.body.decode()
    stack.key(spend=0)  # A new key's, as LiteLLM's clients send it.


def test_an_update_of_an_unknown_key_is_404(stack):
    for path in ("/key/update", "/key/block", "/key/unblock"):
        assert stack.master.post(path, {"key": "sk-nobody", "max_budget": 1}).status == 404, path


def test_a_deleted_key_is_unknown_within_a_second_and_its_spend_stays(stack):
    record = stack.key(key_alias="to-delete")
    client = stack.client.with_key(record["key"])
    assert allowed(client)
    stack.ledger.wait_for(1, key_id=stack.key_id(record))
    deleted = stack.master.admin("/key/delete", {"keys": [record["key"]]})
    assert deleted == {"deleted_keys": [record["key"]]}
    within_a_second(lambda: client.chat().status == 401, "the deletion")
    assert stack.ledger.rows(stack.key_id(record))
    assert stack.master.get(f"/key/info?key={record['token']}").status == 404
    stack.key(key_alias="to-delete")  # the alias is free again


def test_keys_can_be_deleted_by_alias(stack):
    record = stack.key(key_alias="by-alias")
    stack.master.admin("/key/delete", {"key_aliases": ["by-alias"]})
    within_a_second(lambda: stack.client.with_key(record["key"]).chat().status == 401, "the deletion")


def test_a_key_expires_to_the_second(stack):
    record = stack.key(duration="2s")
    client = stack.client.with_key(record["key"])
    start = time.monotonic()
    assert allowed(client)
    wait_until(lambda: not allowed(client), 4, "the expiry", pause=0.05)
    assert 1.5 < time.monotonic() - start < 3.5
    answer = client.chat()
    assert answer.status == 401 and "expired" in answer.error["message"].lower()


def test_an_update_can_make_an_expiring_key_last(stack):
    record = stack.key(duration="1s")
    stack.master.admin("/key/update", {"key": record["key"], "duration": None})
    time.sleep(1.5)
    assert allowed(stack.client.with_key(record["key"]))


def test_a_key_made_blocked_is_blocked(stack):
    assert stack.caller(blocked=True).chat().status in (401, 403)


# Who may


@pytest.mark.parametrize("header", ["Authorization", "x-api-key", "api-key", "x-goog-api-key"])
def test_a_key_is_accepted_in_each_of_four_headers(stack, header):
    record = stack.key()
    assert stack.client.with_key(record["key"], header).chat().status == 200
    assert stack.client.with_key(stack.master.key, header).get("/key/list").status == 200


ADMIN_CALLS = [
    ("POST", "/key/generate", {}), ("POST", "/key/update", {"key": "x"}), ("POST", "/key/block", {"key": "x"}),
    ("POST", "/key/unblock", {"key": "x"}), ("POST", "/key/delete", {"keys": ["x"]}), ("GET", "/key/list", None),
    ("GET", "/key/info?key=x", None), ("GET", "/spend/logs", None),
]  # fmt: skip


@pytest.mark.parametrize("method, path, body", ADMIN_CALLS, ids=[f"{call[0]} {call[1]}" for call in ADMIN_CALLS])
def test_admin_routes_are_for_the_master_key_alone(stack, method, path, body):
    def status(client):
        return client.request(method, path, b"" if body is None else body).status

    assert status(stack.client) == 401
    assert status(stack.client.with_key("sk-unknown")) == 401
    assert status(stack.client.with_key(stack.master.key[:-1])) == 401
    if not path.startswith("/spend/logs"):
        assert status(stack.caller()) in (401, 403)


def test_an_unknown_admin_route_and_a_wrong_method_are_told(stack):
    assert stack.master.get("/key/nothing").status == 404
    answer = stack.master.get("/key/generate")
    assert answer.status == 405 and "POST" in answer.headers["allow"]
    assert answer.error["message"] == "Method GET is not allowed here. Allowed: POST."


def test_the_openapi_description_names_every_admin_route(stack):
    description = stack.master.admin("/openapi.json")
    assert description["openapi"].startswith("3.")
    paths = {call[1].split("?")[0] for call in ADMIN_CALLS}
    assert paths <= set(description["paths"]), paths - set(description["paths"])


def test_the_openapi_description_says_what_the_routes_take(stack):
    description = stack.client.admin("/openapi.json")
    paths, schemas = description["paths"], description["components"]["schemas"]

    def parameters(path):
        return {parameter["name"]: parameter for parameter in paths[path]["get"]["parameters"]}

    # With the master key it is; a virtual key may leave it out.
    assert "required" not in parameters("/key/info")["key"]
    assert "the master key has to name one" in parameters("/key/info")["key"]["schema"]["description"]
    for path, name in (("/key/list", "size"), ("/spend/logs", "page_size"), ("/key/list", "page")):
        most = parameters(path)[name]["schema"]["maximum"]
        assert stack.master.get(f"{path}?{name}={most + 1}").status == 400
        if name != "page":
            assert stack.master.get(f"{path}?{name}={most}").status == 200
    for path, methods in paths.items():
        for method, route in methods.items():
            assert route.get("requestBody", {}).get("required") is (True if method == "post" else None), path
    assert set(paths["/openapi.json"]["get"]["responses"]) == {"200"}
    assert {"401", "403"} <= set(paths["/key/info"]["get"]["responses"])
    asked, told = schemas["KeySettings"]["properties"], schemas["Key"]["properties"]
    for name in ("rpm_limit", "tpm_limit", "max_parallel_requests", "max_budget"):
        assert {"string", "null"} <= set(asked[name]["type"]) and "string" not in told[name]["type"], name
    record = stack.key(rpm_limit="5", models=None, metadata=None, blocked=None)
    assert (record["rpm_limit"], record["models"], record["metadata"], record["blocked"]) == (5, [], {}, False)
    for name in ("models", "metadata", "blocked"):
        assert "null" in asked[name]["type"] and "null" not in told[name]["type"], name
    one, other = schemas["KeyPage"]["properties"]["keys"]["items"]["anyOf"]
    assert one["type"] == "string" and other["$ref"].endswith("/Key")


# Spend


def test_info_shows_the_exact_spend(stack):
    record = stack.key()
    client = stack.client.with_key(record["key"])
    since = stack.mock.last_sequence()
    for number in range(7):
        client.chat("x" * (number * 13 + 1), mock=f"tokens={number + 1}")
    stack.ledger.wait_for(7, key_id=stack.key_id(record))
    bill = sum(attempt["bill_nanos"] for attempt in stack.mock.attempts(since))
    info = stack.master.admin(f"/key/info?key={record['token']}")["info"]
    assert round(info["spend"] * 1e9) == bill


def test_spend_logs_has_a_row_per_attempt(stack):
    record = stack.key()
    client = stack.client.with_key(record["key"])
    answers = [client.chat(mock=f"tokens={number + 1}") for number in range(3)]
    rows = stack.ledger.wait_for(3, key_id=stack.key_id(record))
    logs = stack.master.admin(f"/spend/logs?api_key={record['token']}")
    entries = logs if isinstance(logs, list) else logs["data"]
    assert len(entries) == 3
    identities = {answer.headers["x-request-id"] for answer in answers}
    assert {entry["request_id"] for entry in entries} == identities
    assert round(sum(entry["spend"] for entry in entries) * 1e9) == sum(row["cost_nanos"] for row in rows)
    for entry in entries:
        assert {"model", "spend", "total_tokens", "prompt_tokens", "completion_tokens", "startTime", "endTime"} <= set(
            entry
        )
        assert record["key"] not in json.dumps(entry)


def test_the_master_keys_rows_are_found_by_the_name_that_they_have(stack):
    count = len(stack.ledger.settled())
    answer, other = stack.master.chat(), stack.caller().chat()
    stack.ledger.wait_for(count + 2)
    entries = stack.master.admin("/spend/logs?api_key=master")
    assert {entry["api_key"] for entry in entries} == {"master"}
    identities = {entry["request_id"] for entry in entries}
    assert answer.headers["x-request-id"] in identities and other.headers["x-request-id"] not in identities
    assert stack.caller().get("/spend/logs?api_key=master").status == 403


@pytest.mark.parametrize("name", ["public-name", "providers-name"])
def test_spend_logs_are_found_by_either_name_of_their_model(stack, name):
    record = stack.key()
    answer = stack.client.with_key(record["key"]).chat(model="public-name")
    stack.ledger.wait_for(1, key_id=stack.key_id(record))
    entries = stack.master.admin(f"/spend/logs?model={name}&api_key={record['token']}")
    assert [entry["request_id"] for entry in entries] == [answer.headers["x-request-id"]]
    assert (entries[0]["model_group"], entries[0]["model"]) == ("public-name", "providers-name")
    assert stack.master.admin(f"/spend/logs?model=second&api_key={record['token']}") == []


def test_a_plain_day_at_the_end_of_a_range_is_in_it(stack):
    record = stack.key()
    assert stack.client.with_key(record["key"]).chat().status == 200
    stack.ledger.wait_for(1, key_id=stack.key_id(record))
    own = f"/spend/logs?api_key={record['token']}"
    day = stack.master.admin(own)[0]["startTime"][:10]
    before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
    assert len(stack.master.admin(f"{own}&start_date={day}&end_date={day}")) == 1
    assert stack.master.admin(f"{own}&end_date={before}") == []
    assert stack.master.admin(f"{own}&start_date={day}&end_date={day}T00:00:00Z") == []
    for start, end in ((day, before), (f"{day}T10:00:00Z", f"{day}T09:59:59Z")):
        refused = stack.master.get(f"{own}&start_date={start}&end_date={end}")
        assert (refused.status, refused.error["param"]) == (400, "end_date")
        assert refused.error["message"] == "end_date is before start_date."


@pytest.mark.parametrize("query", ["foo=1", "apikey=x", "summarize=true", "limit=1&page=1"])
def test_spend_logs_refuses_what_would_pass_for_no_filter(stack, query):
    answer = stack.master.get(f"/spend/logs?{query}")
    assert answer.status == 400 and query.partition("=")[0] in answer.json()["error"]["message"]
    if "summarize" not in query:
        assert "Known: api_key, end_date, model, page, page_size, " in answer.json()["error"]["message"]
    assert stack.master.get("/spend/logs?summarize=false&page_size=1").status == 200


# The command line does the same


@pytest.mark.parametrize("option", ["--max-budget", "--rpm-limit", "--tpm-limit", "--max-parallel-requests"])
def test_the_command_line_refuses_limits_below_zero(stack, option):
    refused = stack.command("key", "create", option, "-1", check=False)
    assert refused.returncode != 0 and f"{option} must be 0 or more" in refused.stderr


def test_the_command_line_makes_lists_blocks_and_deletes_keys(stack):
    made = stack.command("key", "create", "--alias", "from-cli", "--model", MODEL, "--max-budget", "2.5")
    key = re.search(r"sk-[A-Za-z0-9_-]{43,}", made.stdout)[0]
    assert f"may:   {MODEL}  $2.5" in made.stdout
    assert "may:   all models  no budget" in stack.command("key", "create").stdout
    client = stack.client.with_key(key)
    within_a_second(lambda: allowed(client), "the key made on the command line")
    assert client.chat(model="second").status == 403
    none = stack.command("key", "list", "--page", "1000", check=False)
    assert none.returncode == 1 and "there is no page 1000" in none.stderr
    listed = stack.command("key", "list").stdout
    assert "from-cli" in listed and key not in listed
    assert stack.command("key", "block", "from-cli").stdout == f"blocked sk-...{key[-4:]}  from-cli\n"
    within_a_second(lambda: not allowed(client), "the block")
    assert stack.command("key", "unblock", "from-cli").stdout == f"unblocked sk-...{key[-4:]}  from-cli\n"
    within_a_second(lambda: allowed(client), "the unblocking")
    assert stack.command("key", "delete", "from-cli").stdout == f"deleted sk-...{key[-4:]}  from-cli\n"
    within_a_second(lambda: client.chat().status == 401, "the deletion")
    assert stack.command("key", "block", "nobody", check=False).returncode != 0


def test_the_command_line_shows_the_limits_that_a_key_has(stack):
    limits = ("--rpm-limit", "60", "--tpm-limit", "9000", "--max-parallel-requests", "0")
    made = stack.command("key", "create", "--alias", "limited-cli", *limits)
    assert "may:   all models  no budget  60 rpm  9000 tpm  0 parallel\n" in made.stdout
    one = stack.command("key", "create", "--rpm-limit", "5")
    assert "may:   all models  no budget  5 rpm\n" in one.stdout
    listed = stack.command("key", "list").stdout
    assert re.search(r"limited-cli  live  all models  no budget  60 rpm  9000 tpm  0 parallel  [0-9a-f]{64}\n", listed)


ALL_OPTIONS = {
    "--model": MODEL, "--max-budget": "2.5", "--budget-duration": "30d", "--rpm-limit": "9", "--tpm-limit": "90",
    "--max-parallel-requests": "3", "--metadata": '{"owner": "é", "n": [1, null]}', "--user-id": "u", "--team-id": "t",
}  # fmt: skip
ALL_FIELDS = {
    "models": [MODEL], "max_budget": 2.5, "budget_duration": "30d", "rpm_limit": 9, "tpm_limit": 90,
    "max_parallel_requests": 3, "metadata": {"owner": "é", "n": [1, None]}, "user_id": "u", "team_id": "t",
}  # fmt: skip
NO_FIELDS = {**dict.fromkeys(ALL_FIELDS), "models": [], "metadata": {}}


def words(options):
    return [word for pair in options.items() for word in pair]


def info_of(stack, name):
    return json.loads(stack.command("key", "info", name).stdout)


def test_the_command_line_sets_clears_and_shows_what_the_admin_api_does(stack):
    made = stack.command("key", "create", "--alias", "all-cli", "--blocked", "--duration", "30d", *words(ALL_OPTIONS))
    key, token = re.search(r"sk-\S+", made.stdout)[0], re.search(r"token: (\S+)", made.stdout)[1]
    info = info_of(stack, "all-cli")
    assert info == info_of(stack, token) == info_of(stack, key)
    assert info == stack.master.admin(f"/key/info?key={token}")["info"]
    assert info["blocked"] and info["expires"] and {name: info[name] for name in ALL_FIELDS} == ALL_FIELDS

    cleared = [name.removeprefix("--") for name in ALL_OPTIONS] + ["duration"]
    updated = stack.command("key", "update", token, "--no-blocked", *(f"--clear={name}" for name in cleared))
    assert updated.stdout == f"sk-...{key[-4:]}  all-cli\nmay:   all models  no budget\n"
    info = info_of(stack, "all-cli")
    assert not info["blocked"] and info["expires"] is None and {name: info[name] for name in NO_FIELDS} == NO_FIELDS

    stack.command("key", "update", "all-cli", "--alias", "all-cli-2", "--duration", "1d", *words(ALL_OPTIONS))
    info = info_of(stack, "all-cli-2")
    assert info["expires"] and {name: info[name] for name in ALL_FIELDS} == ALL_FIELDS
    stack.command("key", "update", "all-cli-2", "--clear", "alias")
    assert info_of(stack, token)["key_alias"] is None


def test_the_command_line_shows_the_exact_spend(stack):
    record = stack.key(key_alias="spent-cli", max_budget=5, budget_duration="1mo")
    stack.client.with_key(record["key"]).chat(mock="tokens=3")
    stack.ledger.wait_for(1, key_id=stack.key_id(record))
    info = info_of(stack, "spent-cli")
    assert info["spend"] > 0 and info == stack.master.admin(f"/key/info?key={record['token']}")["info"]
    assert record["key"] not in json.dumps(info)


@pytest.mark.parametrize("arguments, reason", [
    (["update", "refused-cli"], "nothing to change"),
    (["update", "refused-cli", "--rpm-limit", "5", "--clear", "rpm-limit"], "contradict each other"),
    (["update", "refused-cli", "--clear", "spend"], "spend"),
    (["update", "refused-cli", "--metadata", "[1]"], "metadata must be a JSON object"),
    (["update", "refused-cli", "--max-budget", "-1"], "--max-budget must be 0 or more"),
    (["update", "nobody", "--rpm-limit", "5"], "no such key"),
    (["create", "--metadata", "{"], "metadata must be a JSON object"),
    (["info", "nobody"], "no such key"),
])  # fmt: skip
def test_the_command_line_refuses_what_it_cannot_do(stack, arguments, reason):
    if "refused-cli" not in stack.command("key", "list").stdout:
        stack.key(key_alias="refused-cli")
    before = info_of(stack, "refused-cli")
    refused = stack.command("key", *arguments, check=False)
    assert refused.returncode != 0 and reason in refused.stderr, refused
    assert info_of(stack, "refused-cli") == before


def test_the_command_line_warns_of_a_model_that_is_not_there(stack):
    made = stack.command("key", "create", "--model", "secnod", "--model", MODEL)
    assert f"may:   secnod,{MODEL}  no budget" in made.stdout
    assert made.stderr == "warning: models: no model of this gateway's configuration is named 'secnod'\n"
    assert stack.command("key", "create", "--model", MODEL).stderr == ""


def test_keys_survive_a_restart_of_everything(new_stack):
    stack = new_stack()
    record = stack.key(rpm_limit=3)
    client = stack.client.with_key(record["key"])
    assert allowed(client)
    for program in (stack.gateway, stack.admin_program):
        program.stop()
        program.start()
    stack.wait_until_ready()
    assert allowed(client)
    assert stack.master.admin(f"/key/info?key={record['key']}")["info"]["rpm_limit"] == 3


def test_a_new_key_works_at_once(stack):
    """Nobody is turned away on a stale view of the keys."""
    for _ in range(20):
        assert stack.caller().chat().status == 200


@pytest.mark.parametrize("kind", ["request", "reply"])
def test_a_translation_keeps_the_models_name_unless_another_is_given(kind):
    body = {
        "request": {"model": "own", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]},
        "reply": {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "own", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": "hi"}], "usage": {"input_tokens": 1, "output_tokens": 1},
        },
    }[kind]  # fmt: skip

    def translated(*more):
        command = [programs() / "tollgate", "translate", "--from", "messages", "--to", "chat_completions"]
        done = subprocess.run(
            [*command, "--kind", kind, *more], input=json.dumps(body), capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)["model"]

    assert translated() == "own" and translated("--model", "other") == "other"


@pytest.mark.parametrize("kind, dialect", [
    ("request", "generate_content"), ("request", "converse"), ("reply", "converse"), ("stream", "generate_content"),
])  # fmt: skip
def test_a_translation_makes_no_model_up_where_the_input_has_none(kind, dialect):
    text = {"role": "user" if kind == "request" else "model", "parts": [{"text": "hi"}]}
    body = {
        ("request", "generate_content"): json.dumps({"contents": [text]}),
        ("request", "converse"): json.dumps({"messages": [{"role": "user", "content": [{"text": "hi"}]}]}),
        ("reply", "converse"): json.dumps({
            "output": {"message": {"role": "assistant", "content": [{"text": "hi"}]}}, "stopReason": "end_turn",
            "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
        }),
        ("stream", "generate_content"): "data: "
        + json.dumps({"candidates": [{"content": text, "finishReason": "STOP"}]}) + "\n\n",
    }[kind, dialect]  # fmt: skip
    command = [programs() / "tollgate", "translate", "--from", dialect, "--to", "chat_completions", "--kind", kind]
    refused = subprocess.run(command, input=body, capture_output=True, text=True)
    assert refused.returncode != 0 and refused.stdout == "" and "--model" in refused.stderr
    named = subprocess.run([*command, "--model", "house-model"], input=body, capture_output=True, text=True, check=True)
    assert '"model":"house-model"' in named.stdout.replace(" ", "")


HELLO = [{"role": "user", "content": "hi"}]


@pytest.mark.parametrize("dialect, body, param", [
    ("messages", {"model": "m", "max_tokens": 0, "messages": HELLO}, "max_tokens"),
    ("completions", {"model": "m", "prompt": ["a", "b"]}, "prompt"),
    ("responses", {"model": "m", "input": "hi", "prompt_cache_options": {"prewarm": True}}, "prewarm"),
])  # fmt: skip
def test_what_the_gateway_refuses_to_translate_is_not_shown_translated(dialect, body, param):
    command = [programs() / "tollgate", "translate", "--from", dialect, "--to"]
    for target in ["chat_completions", "generate_content"]:
        refused = subprocess.run([*command, target], input=json.dumps(body), capture_output=True, text=True)
        assert refused.returncode != 0 and refused.stdout == "" and param in refused.stderr
    subprocess.run([*command, dialect], input=json.dumps(body), capture_output=True, text=True, check=True)
