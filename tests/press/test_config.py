"""What a book tells press, and what is wrong with it."""

PROJECT = 'extensions = ["press.sheet", "press.live"]\n'
INDEX = {"index": "Page\n====\n"}


def test_a_page_that_is_not_there_is_a_warning(tmp_path, sphinx_fails):
    said = sphinx_fails(tmp_path, PROJECT + 'press_sheet = "start/crad"', **INDEX)
    assert "press_sheet in the configuration names the page 'start/crad', which is not in the contents" in said


def test_a_value_of_another_type_is_a_warning(tmp_path, sphinx_fails):
    assert "press_sheet" in sphinx_fails(tmp_path, PROJECT + "press_sheet = ['index']", **INDEX)


def test_a_package_that_is_not_installed_is_a_warning(tmp_path, sphinx_fails):
    said = sphinx_fails(tmp_path, 'extensions = ["press.api"]\npress_reference = "no_such_package"', **INDEX)
    assert "press_reference in the configuration names the package 'no_such_package', which is not installed" in said


def test_a_section_may_be_named_behind_its_page(tmp_path, sphinx_build, sphinx_fails):
    settings = 'extensions = ["press.tasks"]\npress_how_to_run = "{}"'
    assert sphinx_build(tmp_path, settings.format("index#page"), **INDEX)
    assert "names the page 'other'" in sphinx_fails(tmp_path, settings.format("other#page"), **INDEX)
