"""What the vendor answers, in whatever form it comes."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from notify_ihuyi.answers import first_id, read_reply

from notify_core.http import HttpResponse

XML = (
    '<?xml version="1.0" encoding="utf-8"?>\n<SubmitResult xmlns="{namespace}">\n'
    "<code>{code}</code>\n<msg>{msg}</msg>\n<smsid>{smsid}</smsid>\n</SubmitResult>\n"
)
ID = "16165686731585006595"


def read(body, method="Submit"):
    raw = body if isinstance(body, bytes) else body.encode()
    return read_reply(HttpResponse(status=200, headers={}, body=raw), method)


@pytest.mark.parametrize("name", ["submit_accepted.xml", "submit_accepted.json"])
def test_the_accepting_answer_is_read_in_both_forms(golden, name):
    reply = read(golden(name))

    assert (reply.code, reply.text) == ("2", "提交成功")
    assert first_id(reply.fields, ("smsid",)) == ID


@pytest.mark.parametrize("name", ["submit_refused.xml", "submit_refused.json"])
def test_a_refusal_has_a_code_and_no_id(golden, name):
    reply = read(golden(name))

    assert (reply.code, reply.text) == ("406", "手机号码格式不正确")
    assert first_id(reply.fields, ("smsid",)) is None


@pytest.mark.parametrize(
    "body",
    [
        '{"code":"2","msg":"ok","smsid":16165686731585006595}',
        '\ufeff{"code":2,"msg":"ok","smsid":"16165686731585006595"}',
        ' \r\n{"code": " 2 ", "smsid": " 16165686731585006595 ", "more": [1, null]}',
        "\ufeff\n" + XML.format(namespace="http://x/", code=2, msg="ok", smsid=ID),
        f"<SubmitResult><code>\n2\n</code><smsid>{ID}</smsid></SubmitResult>",
        XML.replace("<", "<a:")
        .replace("<a:/", "</a:")
        .replace("<a:?", "<?")
        .replace("xmlns", "xmlns:a")
        .format(namespace="u", code=2, msg="ok", smsid=ID),
        f"<b:SubmitResult><b:code>2</b:code><smsid>{ID}</smsid></b:SubmitResult>",
        f"<SubmitResult><code><![CDATA[2]]></code><smsid>{ID}</smsid></SubmitResult>",
        XML.replace("utf-8", "gbk").format(namespace="", code=2, msg="成功", smsid=ID),
    ],
    ids=[
        "code as string, id as number",
        "byte order mark",
        "space and unknown fields",
        "mark before XML",
        "no namespace",
        "prefixes",
        "undeclared prefix",
        "CDATA",
        "wrongly declared charset",
    ],
)
def test_oddities_of_the_live_service_are_read(body):
    reply = read(body)

    assert reply.code == "2"
    assert first_id(reply.fields, ("smsid",)) == ID


@pytest.mark.parametrize(
    "smsid", ['"0"', "0", '""', "null", '"000"', "true", "[1]"], ids=str
)
def test_an_id_that_is_none_is_not_taken_for_one(smsid):
    reply = read(f'{{"code":2,"msg":"提交成功","smsid":{smsid}}}')

    assert reply.code == "2"
    assert first_id(reply.fields, ("smsid",)) is None


def test_an_id_of_more_than_64_bits_loses_no_digit():
    reply = read('{"code":2,"smsid":98765432101234567890123}')

    assert first_id(reply.fields, ("smsid",)) == "98765432101234567890123"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><body><h1>502 Bad Gateway</h1></body></html>",
        "<GetNumResult><code>2</code></GetNumResult>",
        "<SubmitResult><msg>no code</msg></SubmitResult>",
        "<SubmitResult><code>2</code>",
        "<SubmitResult><code>two</code></SubmitResult>",
        "<SubmitResult><code>２</code></SubmitResult>",
        "<SubmitResult><deeper><code>2</code></deeper></SubmitResult>",
        '{"code":true}',
        '{"code":null}',
        '{"code":2.5}',
        '{"msg":"no code"}',
        '[{"code":2}]',
        '{"code":2',
        '{"a":' * 50_000,
        "<a>" * 50_000,
        XML.format(namespace="u", code=2, msg="提交成功", smsid=1).encode("gbk"),
        '{"code":2,"msg":"提交成功"}'.encode("gbk"),
        '{"code":2}'.encode("utf-16"),
    ],
)
def test_what_is_no_answer_of_the_vendor_is_not_read(body):
    assert read(body) is None


def test_a_document_type_is_refused_and_its_entities_are_not_expanded():
    body = (
        '<!DOCTYPE SubmitResult [<!ENTITY two "2">]>'
        "<SubmitResult><code>&two;</code></SubmitResult>"
    )

    assert read(body) is None


@given(st.binary(max_size=300))
@example(b"<SubmitResult>")
@example(b"{")
@example(b"\xef\xbb\xbf")
def test_no_bytes_raise(body):
    read(body)


@given(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([{}])
)
def test_no_json_raises(value):
    read(json.dumps({"code": value, "msg": value, "smsid": value}))


PRINTABLE = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cn", "Co", "Zs", "Zl"])
)


@given(
    code=st.integers(0, 99_999),
    msg=PRINTABLE,
    smsid=st.integers(1, 10**20 - 1),
    namespace=st.sampled_from(["http://106.ihuyi.com/", "http://106.ihuyi.cn/", ""]),
)
def test_an_answer_reads_the_same_from_xml_and_json(code, msg, smsid, namespace):
    escaped = msg.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    xml = XML.format(namespace=namespace, code=code, msg=escaped, smsid=smsid)
    as_json = json.dumps({"code": code, "msg": msg, "smsid": str(smsid)})

    from_xml, from_json = read(xml), read(as_json)

    assert from_xml == from_json
    assert (from_xml.code, from_xml.text) == (str(code), msg.strip() or None)
    assert first_id(from_xml.fields, ("smsid",)) == str(smsid)
