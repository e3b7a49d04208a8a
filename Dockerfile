# docker build -t logreport .
# docker run --rm -v "$PWD:/logs" logreport report llm-logs.json -o report.html
FROM python:3.13-slim

COPY . /source
RUN pip install --no-cache-dir /source && rm -r /source && useradd --create-home --uid 1000 logreport

USER logreport
WORKDIR /logs
ENTRYPOINT ["logreport"]
CMD ["--help"]
