"""Errors in words."""

from pegel.errors import InputError, NotFoundError, PegelError
from pegel.words.explanation import explain
from pegel.words.names import note_text, policy_name, state_name, term


def test_an_error_says_what_happened_and_what_to_do():
    error = NotFoundError("unknown_stream", name="Claims", known=["A", "B"])

    assert explain(error, "de").says == "Es gibt keinen Wertstrom namens „Claims“."
    assert explain(error, "de").do == "Wählen Sie einen von: A, B."


def test_a_hint_is_added():
    error = InputError("columns_missing", missing=["at"], found=["Key"], hint="name_columns")

    assert explain(error, "en").do == (
        "Its columns are: Key. Say which column is which with --column, for example --column item=Key."
    )


def test_details_that_are_codes_are_worded():
    error = InputError("xml_broken", line=1200, detail="cut_short")

    assert explain(error, "en").says == "The XML is broken in line 1,200 (the file ends in the middle)."


def test_an_error_without_words_is_still_shown():
    assert explain(PegelError("brand_new", x=1), "en").says == "Something went wrong (brand_new): brand_new(x=1)."


def test_a_missing_value_is_a_dash_and_no_second_error():
    assert explain(NotFoundError("unknown_stream"), "en").says == "There is no value stream named “–”."


def test_hostile_values_cannot_forge_the_message():
    says = explain(NotFoundError("file_not_found", path="{0}\n\x1b[2Jgone"), "en").says

    assert says == "There is no file “{0}\ufffd\ufffd[2Jgone”."


def test_states_that_pegel_made_are_shown_in_the_language():
    names = ["(created)", "(deleted)", "after X", "before after X", "Review"]

    assert [state_name(name, "de") for name in names] == ["(angelegt)", "(gelöscht)", "nach X", "vor after X", "Review"]
    assert [state_name(name, "en") for name in names] == names


def test_an_unknown_code_of_a_vocabulary_is_shown_as_it_is():
    assert term("calendar", "Werk Süd", "de") == "Werk Süd"
    assert policy_name("our own", "de") == "our own"
    assert policy_name("process_time", "de") == "Bearbeitungszeit"


def test_notes_on_an_import():
    assert note_text("no_state_history", "", "en") == (
        "There is no history of states: where the time went cannot be said."
    )
    assert note_text("no_state_history", "12", "en") == "Items without a history of states: 12"
    assert note_text("brand_new", "a, b", "en") == "brand_new: a, b"
