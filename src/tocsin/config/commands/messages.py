"""``tocsin messages``: lists the words of the pages for translators, and builds the test language."""

from tocsin.config import checkout, options
from tocsin.config.configuration import home_folder
from tocsin.config.starting import load


def main(arguments: list[str]) -> int:
    """Write the template for translators into build/messages, and the test language into the home."""
    about = "List the words of the pages for translators, and build the test language."
    options.apply(options.parser("messages", about, options.where()).parse_args(arguments))
    settings = load()
    from tocsin.config import pseudo

    path = checkout.folder() / "build" / "messages" / "django.pot"
    count = pseudo.write_template(settings.PACKAGE, path)
    print(f"{count} words: {path}")
    pseudo.build(settings.PACKAGE, home_folder() / "locale")
    return 0
