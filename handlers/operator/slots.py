"""A paper's name in front of other words: ``Kartu Keluarga fotonya buram``."""

import re

from office.catalogue import Paper, PaperUnknown, Service


def paper_and_words(service: Service, typed: str) -> tuple[Paper, str]:
    """The paper that the longest beginning of the words names, and the words behind it, maybe none.

    Raises: `PaperUnknown`.
    """
    ends = [word.end() for word in re.finditer(r"\S+", typed)]
    for end in reversed(ends):
        try:
            paper = service.find_paper(typed[:end].rstrip(",:;"))
        except PaperUnknown:
            continue
        return paper, typed[end:].strip(" ,:;\n")
    return service.find_paper(typed), ""
