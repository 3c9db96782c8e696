"""The rights an attack touches; several may be chosen."""

from amparo.words.codes import CodeList, load

RIGHTS: CodeList = load("rights")
