"""A configuration of 300 lines, as a platform with several vendors has it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

LINES = 300
#: How many editions there are before the first one comes again.
EDITIONS = 12

_HEAD = """\
version: 1
defaults: {{region: CN, timezone: Asia/Shanghai}}

providers:
  ihuyi-otp:
    type: ihuyi
    settings:
      api_id: {{env: BENCH_ID}}
      api_key: {{env: BENCH_KEY}}
      base_url: {base}
      password: dynamic
      format: json
      signature: 示例
    webhook:
      tokens: [{{env: BENCH_TOKEN}}]
      public_url: https://n.example/webhooks/ihuyi-otp
      allow_from: [203.0.113.0/24, 198.51.100.7]
    max_rate: {rate}/s
    price: {{per_segment: "0.045", currency: CNY}}
  ihuyi-note:
    type: ihuyi
    settings:
      api_id: {{env: BENCH_ID_2}}
      api_key: {{env: BENCH_KEY}}
      base_url: {base}
    webhook:
      tokens: [{{env: BENCH_TOKEN}}]
  aliyun:
    type: aliyun
    settings:
      access_key_id: {{env: BENCH_ID}}
      access_key_secret: {{env: BENCH_KEY}}
      sign_name: 示例
    webhook:
      tokens: [{{env: BENCH_TOKEN}}]
  twilio-{edition}:
    type: twilio
    settings:
      account_sid: {{env: BENCH_SID}}
      auth_token: {{env: BENCH_KEY}}
      sender: "+15005550006"
    webhook:
      tokens: [{{env: BENCH_TOKEN}}]
      public_url: https://n.example/webhooks/twilio

pools:
  codes:
    strategy: ordered
    members: [codes-mainland, aliyun, abroad]
  codes-mainland:
    strategy: weighted
    members:
      - {{use: ihuyi-otp, weight: 80}}
      - {{use: ihuyi-note, weight: 20}}
  notices:
    strategy: round_robin
    members: [ihuyi-note, aliyun]
  abroad:
    strategy: ordered
    members: [twilio-{edition}]

policies:
  otp:
    validity: 5m
    deadline: 20s
    attempt_timeout: {{connect: 2s, read: 5s}}
    max_attempts: 3
    limits:
      - {{name: per-number, key: [recipient], allow: [1/1m, 5/1h, 10/day]}}
      - {{name: all-codes, key: [kind], allow: [90000/1h]}}
    dedup: {{key: [recipient, template, params], window: 60s}}
    suppression: {{bypass: [otp, critical]}}
    on_unknown: {{settle: [receipt], within: 30s, then: stop}}
  notice:
    validity: 12h
    deadline: 60s
    retry: {{first: 250ms, factor: 1.5, longest: 5s}}
    quiet_hours: {{from: "22:00", to: "08:00", over: defer, bypass: [critical, otp]}}
    content: {{max_length: 500, emoji: reject, forbid: [casino, 赌博]}}
    suppression: {{block: ["+86170*"]}}
  plain: {{deadline: 20s}}
  marketing:
    extends: notice
    validity: 1d
    limits:
      - {{name: marketing, key: [recipient], allow: [1/day], over: suppress}}

tests:
  - name: codes go to the account of codes first
    at: "2026-01-01T23:30:00+08:00"
    given:
      to: "+8613800138000"
      template: otp-1
      params: {{code: "1234", minutes: "5"}}
    expect: {{route: codes-mainland, status: accepted, attempts: 1}}
  - name: a code whose answer is lost is not sent twice
    at: "2026-01-01T12:00:00+08:00"
    given:
      to: "+8613800138000"
      template: otp-1
      params: {{code: "1234", minutes: "5"}}
    when: {{ihuyi-otp: no_response, ihuyi-note: no_response}}
    expect: {{status: submit_unknown, attempts: 1}}

templates:
"""

_TEMPLATE = """\
  {name}:
    kind: {kind}
    params:
      type: object
      properties:
        code: {{type: string, pattern: "^[0-9]{{4,8}}$"}}
        minutes: {{type: string, pattern: "^[0-9]{{1,3}}$"}}
      required: [code, minutes]
      additionalProperties: false
    text: "您的{words}码是：{{{{ code }}}}，{{{{ minutes }}}} 分钟内有效。"
    bindings:
      ihuyi: {{template_id: "8{number}", params: [code, minutes]}}
      aliyun:
        template_id: SMS_{number:06}
        params: {{verify: code, ttl: minutes}}
"""

_ROUTES = """\

routes:
  name: root
  pool: abroad
  policy: notice
  routes:
    - name: news
      match: {kind: marketing, country: CN}
      pool: notices
      policy: marketing
    - {name: notices, match: {kind: notice, country: CN}, pool: notices}
    - name: codes-mainland
      match: {kind: otp, country: CN}
      pool: codes
      policy: otp
      routes:
        - {name: uncounted, match: {labels.tenant: bench}, policy: plain}
"""

_ROUTE = """\
        - {{name: tenant-{number}, match: {{labels.tenant: t{number}, sender: 示例}}}}
"""

_KINDS = ("otp", "otp", "otp", "notice", "notice", "notice", "notice", "marketing")

#: What the references of the configuration lead to; none of it opens anything.
_ENVIRONMENT = {
    "BENCH_ID": "C00000000",
    "BENCH_ID_2": "C00000001",
    "BENCH_KEY": "1q784322ba1d9bb88d50cf5cdfd89k7d",
    "BENCH_SID": "AC00000000000000000000000000000000",
    "BENCH_TOKEN": "a-token-of-the-benchmark",
}


def written(base: str, edition: int = 0) -> str:
    """Return the configuration.

    Args:
        base: Where the vendor of verification codes is.
        edition: Each has other texts, every second one another rate, and every third
            one a provider under another name.
    """
    edition %= EDITIONS
    text = "".join(_parts(base, edition))
    left = LINES - text.count("\n")
    return text + "".join(_ROUTE.format(number=n) for n in range(1, left + 1))


def write(folder: Path, base: str, edition: int = 0) -> Path:
    """Write it into a folder, and set what it refers to."""
    os.environ.update(_ENVIRONMENT)
    file = folder / "notify.yaml"
    file.write_text(written(base, edition), "utf-8")
    return file


def _parts(base: str, edition: int) -> Iterator[str]:
    yield _HEAD.format(base=base, rate=100_000 + edition % 2, edition=edition // 3)
    for number, kind in enumerate(_KINDS, 1):
        yield _TEMPLATE.format(
            name=f"{kind}-{number}", kind=kind, number=number, words=f"第{edition}版"
        )
    yield _ROUTES
