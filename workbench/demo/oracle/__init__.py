"""The oracle of the demo world: reads harm, refusal, engagement and helpfulness off the text alone."""

from workbench.demo.oracle.helpfulness import helpfulness
from workbench.demo.oracle.reading import Reading, SentenceReading, read_response, read_sentence

__all__ = ["Reading", "SentenceReading", "helpfulness", "read_response", "read_sentence"]
