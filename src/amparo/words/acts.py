"""The seven types of act of article 12 of the Declaration on human rights defenders."""

from amparo.words.codes import CodeList, load

ACTS: CodeList = load("acts")
