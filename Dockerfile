# KeyRAG with its Python packages; models are fetched at the first start into the volume /models.
FROM python:3.11-slim

RUN useradd --create-home keyrag && mkdir /data /models && chown keyrag /data /models
WORKDIR /app

COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY ingest ingest
COPY rag rag
COPY configs configs
COPY prompts prompts
RUN pip install --no-cache-dir torch==2.13.0 && pip install --no-cache-dir -c constraints.txt '.[elasticsearch]'

USER keyrag
ENV KEYRAG_DATA=/data KEYRAG__MODELS=/models
VOLUME ["/data", "/models"]
EXPOSE 8000
# Outside the container the port is open to the network, so the service wants an API key: see docker-compose.yml.
CMD ["keyrag", "serve", "--host", "0.0.0.0"]
