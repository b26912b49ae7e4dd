"""A trained model: weights that score pairs in batch and one by one, stored as JSON."""

import json
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from openprofiles.resolution.attributes import ATTRIBUTES, Relation
from openprofiles.resolution.fitting import Weights

_FORMAT = 1


class UnknownModel(ValueError):
    """A stored model that this version cannot read: another format, or other attributes and
    levels.
    """


@dataclass(frozen=True, slots=True)
class Model:
    """Weights, and the number of records they were learned from."""

    weights: Weights
    records: int

    @property
    def version(self) -> str:
        """Names this model: equal for equal weights."""
        return sha256(self.to_json().encode()).hexdigest()[:12]

    def to_json(self) -> str:
        """The model as text that `from_json` reads, to the last digit."""
        shares = {
            relation.name.lower(): {
                attribute.name: {
                    level.name: float(self.weights.shares[relation, place, number])
                    for number, level in enumerate(attribute.levels, 1)
                }
                for place, attribute in enumerate(ATTRIBUTES)
            }
            for relation in Relation
        }
        sizes = {
            relation.name.lower(): float(self.weights.sizes[relation]) for relation in Relation
        }
        return json.dumps(
            {"format": _FORMAT, "records": self.records, "sizes": sizes, "shares": shares}
        )

    @classmethod
    def from_json(cls, text: str) -> "Model":
        """Read a stored model. Raises UnknownModel."""
        try:
            stored = json.loads(text)
        except ValueError as error:
            raise UnknownModel("the model is not JSON") from error
        if not isinstance(stored, dict) or stored.get("format") != _FORMAT:
            raise UnknownModel("the model has another format")
        shares = np.zeros((len(Relation), len(ATTRIBUTES), 16))
        sizes = np.zeros(len(Relation))
        try:
            for relation in Relation:
                sizes[relation] = stored["sizes"][relation.name.lower()]
                for place, attribute in enumerate(ATTRIBUTES):
                    levels = stored["shares"][relation.name.lower()][attribute.name]
                    for number, level in enumerate(attribute.levels, 1):
                        shares[relation, place, number] = levels[level.name]
            return cls(Weights(shares, sizes), int(stored["records"]))
        except KeyError as error:
            raise UnknownModel(f"the model lacks {error}") from error
        except (TypeError, ValueError) as error:
            raise UnknownModel("the model has something else where a number should be") from error
