# docker build -t logreport .
# docker run --rm -v "$PWD:/logs" logreport report llm-logs.json -o report.html
FROM python:3.13-slim AS build

# npm brings the page's JavaScript and stays behind; without it the image would work, and make pages four times as large.
RUN apt-get update && apt-get install --yes --no-install-recommends npm
COPY . /source
RUN python /source/javascript/fetch.py && pip wheel --no-cache-dir --no-deps --wheel-dir /wheels /source

FROM python:3.13-slim

RUN --mount=from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir /wheels/*.whl && useradd --create-home --uid 1000 logreport

USER logreport
WORKDIR /logs
ENTRYPOINT ["logreport"]
CMD ["--help"]
