"""Retrieval, grounding, models, and what they answer."""

from __future__ import annotations

from api.observe import (
    Grounded,
    MeaningLost,
    ModelCalled,
    ModelPassedOver,
    ResponseEnded,
    ResponseRated,
    Retrieved,
    Summarised,
    TextsEmbedded,
)
from api.telemetry.metrics import buckets
from api.telemetry.metrics.bounded import Models
from api.telemetry.metrics.making import Counted, Making


class OfGrounding:
    """The metrics of retrieval and of prompts, and how facts are counted in them."""

    def __init__(self, make: Making) -> None:
        self.counted: Counted = {Retrieved: self._retrieved, Grounded: self._grounded}
        self._retrieval_seconds = make.histograms(
            "retrieval_seconds",
            "How long it took to search what is known about a user.",
            buckets.RETRIEVAL,
            "purpose",
        )
        self._grounding_seconds = make.histogram(
            "grounding_seconds",
            "How long it took to make a prompt, retrieval included.",
            buckets.RETRIEVAL,
        )
        self._tokens = make.histogram(
            "grounding_tokens", "Tokens of one prompt, as they are estimated.", buckets.TOKENS
        )
        self._budget_used = make.histogram(
            "grounding_budget_used_ratio",
            "The part of its token budget that a prompt takes.",
            buckets.SHARE,
        )
        self._contexts = make.counters(
            "grounding_contexts_total",
            "Contexts that were found for prompts: `included`, or `left_out`.",
            "fate",
        )

    def _retrieved(self, fact: Retrieved) -> None:
        self._retrieval_seconds[fact.purpose].observe(fact.duration_ms / 1000)

    def _grounded(self, fact: Grounded) -> None:
        self._grounding_seconds.observe(fact.duration_ms / 1000)
        self._tokens.observe(fact.tokens)
        self._budget_used.observe(fact.tokens / fact.budget if fact.budget else 0)
        self._contexts["included"].inc(fact.included)
        self._contexts["left_out"].inc(fact.left_out)


class OfModels:
    """The metrics of language models, and how facts are counted in them."""

    def __init__(self, make: Making, models: Models) -> None:
        self._known = models.bounded
        self.counted: Counted = {
            ModelCalled: self._model_called,
            ModelPassedOver: self._model_passed_over,
            Summarised: self._summarised,
        }
        self._call_seconds = make.histograms(
            "model_call_seconds",
            "How long calls of language models took.",
            buckets.MODEL,
            *("model", "purpose"),
        )
        self._first_seconds = make.histograms(
            "time_to_first_token_seconds",
            "From the call of a model to its first word.",
            buckets.FIRST_TOKEN,
            "model",
        )
        self._tokens = make.counters(
            "model_tokens_total",
            "Tokens that providers have reported: `input`, or `output`.",
            *("model", "direction"),
        )
        self._cost = make.counters(
            "model_cost_usd_total", "What calls have cost in US dollars, as reported.", "model"
        )
        self._failures = make.counters(
            "model_failures_total", "Calls of models that failed or were stopped.", "model", "code"
        )
        self._fallbacks = make.counters(
            "model_fallbacks_total",
            "Answers that another model has given, because the first could not begin.",
            *("model", "answering"),
        )
        self._summaries = make.counters(
            "summaries_total",
            "Summaries of conversations; `code` is empty, or says why there could be none.",
            *("model", "code"),
        )

    def _model_called(self, fact: ModelCalled) -> None:
        model = self._known(fact.model)
        self._call_seconds[model, fact.purpose].observe(fact.duration_ms / 1000)
        if fact.first_ms is not None:
            self._first_seconds[model].observe(fact.first_ms / 1000)
        if fact.code is not None:
            self._failures[model, fact.code].inc()
        self._tokens[model, "input"].inc(fact.input_tokens or 0)
        self._tokens[model, "output"].inc(fact.output_tokens or 0)
        self._cost[model].inc(fact.cost_usd or 0)

    def _model_passed_over(self, fact: ModelPassedOver) -> None:
        self._fallbacks[self._known(fact.model), self._known(fact.answering)].inc()

    def _summarised(self, fact: Summarised) -> None:
        self._summaries[self._known(fact.model), fact.code or ""].inc()


class OfResponses:
    """The metrics of responses, and how facts are counted in them."""

    def __init__(self, make: Making, models: Models) -> None:
        self._known = models.bounded
        self.counted: Counted = {
            ResponseEnded: self._response_ended,
            ResponseRated: self._response_rated,
        }
        self._responses = make.counters(
            "responses_total", "Responses that have reached their last state.", "model", "status"
        )
        self._failures = make.counters(
            "response_failures_total", "Responses that have failed, by the code.", "model", "code"
        )
        self._seconds = make.histograms(
            "response_seconds",
            "From a question to the end of its answer.",
            buckets.MODEL,
            "model",
        )
        self._first_seconds = make.histograms(
            "first_word_seconds",
            "From a question to the first word of its answer, as it was stored.",
            buckets.FIRST_TOKEN,
            "model",
        )
        self._groundedness = make.histograms(
            "response_groundedness",
            "The part of an answer that its prompt supports.",
            buckets.SHARE,
            "model",
        )
        self._ratings = make.counters(
            "ratings_total", "What users thought of answers, from 1 to 5.", "model", "score"
        )

    def _response_ended(self, fact: ResponseEnded) -> None:
        model = self._known(fact.model)
        self._responses[model, fact.status].inc()
        self._seconds[model].observe(fact.duration_ms / 1000)
        if fact.code is not None:
            self._failures[model, fact.code].inc()
        if fact.first_word_ms is not None:
            self._first_seconds[model].observe(fact.first_word_ms / 1000)
        if fact.groundedness is not None:
            self._groundedness[model].observe(fact.groundedness)

    def _response_rated(self, fact: ResponseRated) -> None:
        self._ratings[self._known(fact.model), str(fact.score)].inc()


class OfEmbedding:
    """The metrics of calls of embedding models, and how facts are counted in them."""

    def __init__(self, make: Making, models: Models) -> None:
        self._known = models.bounded
        self.counted: Counted = {
            TextsEmbedded: self._texts_embedded,
            MeaningLost: self._meaning_lost,
        }
        self._call_seconds = make.histograms(
            "embedding_call_seconds",
            "How long calls of embedding models took.",
            buckets.RETRIEVAL,
            *("model", "purpose"),
        )
        self._texts = make.counters(
            "embedded_texts_total",
            "Texts that an embedding model was asked for.",
            *("model", "purpose"),
        )
        self._failures = make.counters(
            "embedding_failures_total", "Calls of embedding models that failed.", "model", "code"
        )
        self._without_meaning = make.counters(
            "searches_without_meaning_total",
            "Searches by words alone, because the message could not be embedded.",
            "model",
        )

    def _texts_embedded(self, fact: TextsEmbedded) -> None:
        model = self._known(fact.model)
        self._call_seconds[model, fact.purpose].observe(fact.duration_ms / 1000)
        self._texts[model, fact.purpose].inc(fact.texts)
        if fact.code is not None:
            self._failures[model, fact.code].inc()

    def _meaning_lost(self, fact: MeaningLost) -> None:
        self._without_meaning[self._known(fact.model)].inc()
