"""Which passwords are good enough, and how they are kept."""

import threading
import unicodedata
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from registry import passwords
from registry.errors import BadInput


@pytest.fixture(autouse=True)
def full_cost(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What they cost people, and not what they cost the other tests."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher())
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@pytest.mark.parametrize(
    "good",
    [
        "seven green lamps in the fog",
        "plus vite que le vent du nord",
        "быстрее северного ветра",
        "比北风还要快的七盏绿灯和一只猫",
        "أسرع من ريح الشمال",
        "x" * 3 + "Kq7 vb!mzplw",
        "ab12cd34ef56gh",
        "seven lamps " * 2
        + "and then some more words until there are one hundred and twenty-eight of them all told"
        + "!" * 20,
    ],
)
def test_long_ones_are_taken(good: str) -> None:
    passwords.judge(good, "Amina Example", "amina@example.org")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "short",
        "elevenchars",
        "password1234",
        "P@ssw0rd2026!",
        "passwordpassword",
        "qwertyuiop123",
        "1q2w3e4r5t6y",
        "123456789012",
        "987654321098",
        "aaaaaaaaaaaa",
        "abcabcabcabcabc",
        "abcdefghijklmnop",
        "iloveyou2026!",
        "correct horse battery staple",
        "Biosafety2026",
        "welcome-admin-2026",
        "AminaExample1",
        "amina.example!!",
        "2026-11-22 12:00",
        "x" * 1001,
    ],
)
def test_those_that_are_guessed_first_are_refused(bad: str) -> None:
    with pytest.raises(BadInput) as refused:
        passwords.judge(bad, "Amina Example", "amina@example.org")
    assert refused.value.where == "password"
    assert not bad or bad not in str(refused.value)


def test_it_is_argon2id_and_salted() -> None:
    one, two = passwords.hashed("seven green lamps"), passwords.hashed("seven green lamps")
    assert one.startswith("$argon2id$") and one != two
    assert passwords.fits(one, "seven green lamps")
    assert not passwords.fits(one, "seven green lamp")
    assert not passwords.outdated(one)
    assert passwords.outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$jq2cCfv3KGPgoMEuuyLNsw")


def test_a_password_is_the_same_from_every_keyboard() -> None:
    composed = "délicieuse forêt"
    kept = passwords.hashed(composed)
    assert passwords.fits(kept, unicodedata.normalize("NFD", composed))
    assert passwords.fits(kept, composed)


def test_nobody_costs_as_much_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            counted.append(kept)
            return True

    kept, nobody = passwords.hashed("seven green lamps"), passwords._nobody()
    monkeypatch.setattr(passwords, "HASHER", Counting())
    assert passwords.fits(kept, "seven green lamps")
    assert not passwords.fits(None, "nobody has this password")
    assert counted == [kept, nobody]
    assert kept.split("$")[1:4] == nobody.split("$")[1:4], "the same parameters"


def test_few_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most, lock = 0, 0, threading.Lock()
    pause = threading.Event()

    class Slow:
        def verify(self, kept: str, password: str) -> bool:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            pause.wait(0.02)
            with lock:
                inside -= 1
            return True

    monkeypatch.setattr(passwords, "HASHER", Slow())
    threads = [threading.Thread(target=passwords.fits, args=("kept", "x")) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < most <= 3
