"""The blueprint of customers, and what its pages share."""

from flask import Blueprint

from openprofiles.console.areas import Area, Entry

blueprint = Blueprint("customers", __name__)
ENTRIES = (Entry(area=Area.FIND, label="Customers", icon="person", endpoint="customers.index"),)

FILES = ("customers.css", "customers.js")
"""What the pages need besides what every page does."""

ROOT = "/domains/<domain_name>/customers"
ONE = f"{ROOT}/<profile_id>"
