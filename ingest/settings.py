"""Settings: one typed tree, read once (:mod:`ingest.config`) and passed down."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

# Turns that are summed up at most.
_SUMMED_TURNS = 20


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class EmbeddingSettings(Section):
    model: str
    backend: Literal["auto", "onnx", "torch"]
    query_prefix: str | None
    passage_prefix: str | None
    batch_size: int = Field(ge=1)
    max_tokens: int = Field(ge=8)
    threads: int = Field(ge=0)


class GenerationSettings(Section):
    temperature: float = Field(ge=0, le=2)
    top_p: float = Field(gt=0, le=1)
    num_beams: int = Field(ge=1)
    repetition_penalty: float = Field(gt=0)
    do_sample: bool
    max_tokens: int = Field(ge=1)
    seed: int | None
    stop: tuple[str, ...]


class ChatSettings(Section):
    backend: Literal["embedded", "openai", "transformers", "langchain", "none"]
    model: str
    base_url: str | None
    api_key: SecretStr | None
    context_tokens: int = Field(ge=256)
    threads: int = Field(ge=0)
    dtype: Literal["auto", "float32", "float16", "bfloat16"]
    quantization: Literal["none", "8bit", "4bit"]
    timeout_seconds: float = Field(gt=0)
    generation: GenerationSettings


class LoadSettings(Section):
    max_file_mb: float = Field(gt=0)
    max_pages: int = Field(ge=1)
    max_memory_mb: int = Field(ge=256)
    timeout_seconds: float = Field(gt=0)
    ocr: Literal["auto", "off"]
    hidden_text: Literal["leave_out", "keep"]


class SplitSettings(Section):
    sentence_max_chars: int = Field(ge=20)
    segment_min_tokens: int = Field(ge=0)
    segment_max_tokens: int = Field(ge=32)
    method: Literal["structure", "discourse", "cohesion", "nsp"]
    cut: Literal["bisect", "forward"]
    nsp_model: str | None
    temperature: float = Field(gt=0)
    merge_ratio: float = Field(ge=0, lt=1)


class KeyChatSettings(Section):
    backend: Literal["embedded", "openai", "transformers", "langchain"] | None
    model: str | None
    base_url: str | None
    api_key: SecretStr | None


class KeyInfoSettings(Section):
    sentence: tuple[str, ...]
    segment: tuple[str, ...]
    article: tuple[str, ...]
    phrases: int = Field(ge=1)
    analyser: Literal["patterns", "lac", "spacy", "hanlp", "ltp"]
    analyser_model: str | None
    chat: KeyChatSettings

    def chat_settings(self, chat: ChatSettings) -> ChatSettings:
        """Give the settings of the model that writes keys: its own, and ``chat``'s where it has none."""
        own = {name: value for name, value in self.chat if value is not None}
        return chat.model_copy(update=own)


class ElasticsearchSettings(Section):
    url: str | None
    api_key: SecretStr | None
    ca_certs: Path | None
    prefix: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,100}$")
    timeout_seconds: float = Field(gt=0)

    @field_validator("url")
    @classmethod
    def _none_if_empty(cls, url: str | None) -> str | None:
        return url or None  # as an environment variable that is set to nothing


class IndexSettings(Section):
    flat_limit: int = Field(ge=1)
    elasticsearch: ElasticsearchSettings

    @property
    def local(self) -> IndexSettings:
        """The same without a cluster, for what is there for a while only."""
        return self.model_copy(update={"elasticsearch": self.elasticsearch.model_copy(update={"url": None})})


class WeightSettings(Section):
    dense_sentence: float = Field(ge=0)
    dense_segment: float = Field(ge=0)
    dense_article: float = Field(ge=0)
    lexical_sentence: float = Field(ge=0)
    lexical_segment: float = Field(ge=0)
    answer_type: float = Field(ge=0)


class RerankSettings(Section):
    model: str | None
    depth: int = Field(ge=2)


class RetrieveSettings(Section):
    candidates: int = Field(ge=1)
    weights: WeightSettings
    rerank: RerankSettings


class PackSettings(Section):
    budget_tokens: int = Field(ge=32)
    min_share: float = Field(ge=0, le=1)
    neighbours: int = Field(ge=0)


class PromptSettings(Section):
    folder: Path | None
    system: str | None
    answer: str
    judge: str
    insist: str
    mend: str
    condense: str
    summarise: str
    translate: str | None
    json_answer: str
    choice_answer: str
    example: str
    suspicious: Literal["leave_out", "flag"]


class ExampleSettings(Section):
    file: Path | None
    select: Literal["similar", "length"]
    count: int = Field(ge=1)
    max_tokens: int = Field(ge=1)


class HistorySettings(Section):
    turns: int = Field(ge=0)
    max_tokens: int = Field(ge=1)
    older: Literal["drop", "summarise"]

    @property
    def reach(self) -> int:
        """Turns of a session to hand over with a question: more than are kept where older ones are summed up."""
        return self.turns if self.older == "drop" else max(self.turns, _SUMMED_TURNS)


class AnswerSettings(Section):
    language: Literal["auto", "zh", "en"]
    min_evidence: float = Field(ge=0, le=1)
    quote_evidence: float = Field(ge=0, le=1)
    judge_evidence: float = Field(ge=0)
    min_answerable: float = Field(ge=0, le=1)
    insist_evidence: float = Field(ge=0)
    ungrounded: Literal["mark", "mend", "mend_or_refuse", "refuse"]
    retry_loops: Literal["unusable", "always", "never"]
    retry_penalty: float = Field(ge=0, le=2)


class ComplianceSettings(Section):
    file: Path | None
    stage: str | None
    threshold: float = Field(ge=0, le=1)


class RouteSettings(Section):
    file: Path | None
    threshold: float = Field(ge=0, le=1)


class AuditSettings(Section):
    level: Literal["off", "redacted", "full"]
    max_days: float = Field(gt=0)
    max_mb: float = Field(gt=0)


class ServerSettings(Section):
    host: str
    port: int = Field(ge=0, le=65535)
    max_upload_mb: float = Field(gt=0)
    max_request_mb: float = Field(gt=0)
    max_upload_files: int = Field(ge=1)
    import_folders: tuple[Path, ...]
    job_attempts: int = Field(ge=2)
    keep_jobs_days: float = Field(gt=0)
    generations: int = Field(ge=1)
    waiting: int = Field(ge=0)
    timeout_seconds: float = Field(gt=0)
    requests_per_minute: int = Field(ge=0)
    allow_unauthenticated: bool
    allowed_hosts: tuple[str, ...]
    cors_origins: tuple[str, ...]
    telemetry: str | None


class Settings(BaseSettings):
    """Everything a user can set; configs/default.yaml explains each key."""

    model_config = SettingsConfigDict(env_prefix="KEYRAG__", env_nested_delimiter="__", extra="forbid", frozen=True)

    data: Path
    models: Path | None
    embedding: EmbeddingSettings
    chat: ChatSettings
    load: LoadSettings
    split: SplitSettings
    keyinfo: KeyInfoSettings
    index: IndexSettings
    retrieve: RetrieveSettings
    pack: PackSettings
    prompt: PromptSettings
    history: HistorySettings
    examples: ExampleSettings
    answer: AnswerSettings
    compliance: ComplianceSettings
    routes: RouteSettings
    audit: AuditSettings
    server: ServerSettings

    @property
    def models_folder(self) -> Path:
        """Where downloaded models are kept: ``models``, or the folder ``models`` inside ``data``."""
        return (self.models or self.data / "models").expanduser()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (env_settings, init_settings)
