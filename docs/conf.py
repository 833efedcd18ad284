"""Sphinx configuration."""

project = "notify-core"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
nitpicky = True
nitpick_ignore_regex = [("py:class", r".*"), ("py:data", r".*"), ("py:obj", r".*")]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
exclude_patterns = ["_build", "examples"]
default_role = "literal"
