"""Charts as SVG, drawn here: no script draws them, and classes of the stylesheets colour them.

Beside each chart stands what it says as a table or a sentence.
"""
