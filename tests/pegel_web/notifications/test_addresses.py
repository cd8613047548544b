"""Where a webhook may go: every way of writing an address inside the house is refused."""

from ipaddress import ip_address, ip_network

import pytest

from pegel.errors import InputError
from pegel_web.notifications.outbound.addresses import OutboundRules, target_of

PUBLIC = OutboundRules()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "webhook_url_invalid"),
        ("example.org/hook", "webhook_url_invalid"),
        ("ftp://example.org/", "webhook_url_invalid"),
        ("file:///etc/passwd", "webhook_url_invalid"),
        ("https://", "webhook_url_invalid"),
        ("https://exa mple.org/", "webhook_url_invalid"),
        ("https://example.org\\@evil.example/", "webhook_url_invalid"),
        ("https://example.org/\r\nX: y", "webhook_url_invalid"),
        ("https://-a-.example/", "webhook_url_invalid"),
        ("https://[::1/", "webhook_url_invalid"),
        ("https://[fe80::1%25eth0]/", "webhook_url_invalid"),
        ("https://example.org:99999/", "webhook_url_invalid"),
        ("https://2130706433/", "webhook_url_invalid"),
        ("https://0177.0.0.1/", "webhook_url_invalid"),
        ("https://0x7f.0.0.1/", "webhook_url_invalid"),
        ("https://0x7f000001/", "webhook_url_invalid"),
        ("https://127.1/", "webhook_url_invalid"),
        ("https://user:secret@example.org/", "webhook_url_credentials"),
        ("https://user@example.org/", "webhook_url_credentials"),
        ("http://example.org/", "webhook_url_not_https"),
        ("https://example.org:22/", "webhook_url_port"),
        ("https://127.0.0.1/", "webhook_url_inside"),
        ("https://127.0.0.1./", "webhook_url_inside"),
        ("https://①②⑦.⓪.⓪.①/", "webhook_url_inside"),
        ("https://10.0.0.1/", "webhook_url_inside"),
        ("https://169.254.169.254/latest/meta-data/", "webhook_url_inside"),
        ("https://100.64.0.1/", "webhook_url_inside"),
        ("https://0.0.0.0/", "webhook_url_inside"),
        ("https://224.0.0.1/", "webhook_url_inside"),
        ("https://[::1]/", "webhook_url_inside"),
        ("https://[::]/", "webhook_url_inside"),
        ("https://[fd00:ec2::254]/", "webhook_url_inside"),
        ("https://[fe80::1]/", "webhook_url_inside"),
        ("https://[::ffff:127.0.0.1]/", "webhook_url_inside"),
        ("https://[::127.0.0.1]/", "webhook_url_inside"),
        ("https://[64:ff9b::7f00:1]/", "webhook_url_inside"),
        ("https://[64:ff9b:1::7f00:1]/", "webhook_url_inside"),
        ("https://[2002:7f00:1::]/", "webhook_url_inside"),
        ("https://[2001:0:7f00:1::]/", "webhook_url_inside"),
        ("https://" + "a" * 1000 + ".example/", "webhook_url_invalid"),
    ],
)
def test_what_may_not_be_asked(url: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        target_of(url, PUBLIC)
    assert caught.value.code == code


def test_what_may_be_asked() -> None:
    found = target_of(" https://Hooks.Example.ORG./a?b=c ", PUBLIC)
    assert (found.secure, found.host, found.port, found.path) == (True, "hooks.example.org", 443, "/a?b=c")
    assert found.host_header == "hooks.example.org"
    assert target_of("https://bücher.example/", PUBLIC).host == "xn--bcher-kva.example"
    assert target_of("https://9.9.9.9/", PUBLIC).host == "9.9.9.9"
    v6 = target_of("https://[2620:fe::fe]:443/", PUBLIC)
    assert (v6.host, v6.host_header) == ("2620:fe::fe", "[2620:fe::fe]")


def test_a_network_named_by_the_administrator_is_open_and_no_other() -> None:
    rules = OutboundRules(networks=(ip_network("10.1.0.0/16"),), ports=frozenset({80, 8080}), http=True)
    assert target_of("http://10.1.2.3:8080/x", rules).host_header == "10.1.2.3:8080"
    with pytest.raises(InputError, match="webhook_url_inside"):
        target_of("http://10.2.2.3/", rules)


@pytest.mark.parametrize("text", ["::ffff:10.1.2.3", "64:ff9b::a01:203"])
def test_a_way_round_leads_only_where_the_network_is_named_both_times(text: str) -> None:
    rules = OutboundRules(networks=(ip_network("10.1.0.0/16"),))
    assert rules.permits(ip_address("10.1.2.3"))
    if text.startswith("::ffff"):
        assert not rules.permits(ip_address(text))
    assert not OutboundRules().permits(ip_address(text))
