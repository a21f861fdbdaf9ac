"""Which passwords are taken: long enough, not the user's own name, and not on everybody's list.

NIST SP 800-63B: a minimum length, a list of common ones, and no rules about kinds of characters.
"""

from wheelyard.domain.errors import Problem

MIN_PASSWORD_CHARS = 8
MAX_PASSWORD_CHARS = 128  # argon2id takes more; an endless password would only cost us time

# The start of every list of stolen passwords, as far as it is long enough to be asked about.
_COMMON = frozenset(
    {"password", "password1", "password12", "password123", "password1234", "passw0rd", "p@ssw0rd"}
    | {"p@ssword", "p@ssword1", "12345678", "123456789", "1234567890", "0123456789", "87654321"}
    | {"987654321", "11111111", "00000000", "12341234", "11223344", "123123123", "147258369"}
    | {"1q2w3e4r", "1q2w3e4r5t", "1qaz2wsx", "qwertyui", "qwertyuiop", "qwerty12", "qwerty123"}
    | {"qwerty1234", "asdfghjk", "asdfghjkl", "zxcvbnm1", "qazwsxedc", "abcd1234", "abc12345"}
    | {"a1b2c3d4", "abcdefgh", "aa123456", "iloveyou", "iloveyou1", "sunshine", "princess"}
    | {"football", "baseball", "superman", "trustno1", "welcome1", "welcome123", "letmein1"}
    | {"letmein123", "changeme", "changeme1", "changeme123", "admin123", "admin1234", "adminadmin"}
    | {"administrator", "rootroot", "secret123", "testtest", "test1234", "whatever", "computer"}
    | {"internet", "starwars", "michelle", "jennifer", "corvette", "maverick", "mercedes"}
    | {"samantha", "steelers", "whatever1", "dragon123", "monkey123", "master123", "wheelyard"}
)


def password_problems(password: str, username: str, email: str | None = None) -> list[Problem]:
    """Return what is wrong with a password, for this user."""
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        message = f"A password has {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters."
        return [Problem("invalid-password", message, "password")]
    lowered = password.lower()
    if lowered in {username.lower(), (email or "").lower()}:
        message = "The password must not be the user's name or e-mail address."
        return [Problem("guessable-password", message, "password")]
    if lowered in _COMMON or len(set(lowered)) == 1:
        message = "The password is one that everybody tries first. Choose another."
        return [Problem("common-password", message, "password")]
    return []
