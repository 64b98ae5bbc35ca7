"""Names of files about a student, whatever the student is called."""

import hashlib
import re
import unicodedata


def safe_name(name):
    """A short name for files: plain small letters, and a few digits that no other student's has.

    It has no dots or slashes, is no device of Windows, and differs from others' in more than upper and lower case.

    >>> safe_name("../Zoë")
    'zoe-8840d1f4'
    """
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:40].strip("-")
    return f"{slug or 'student'}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
