# docker build -t logreport .
# docker run --rm -v "$PWD:/logs" logreport report llm-logs.json -o report.html
# docker run --rm -v "$PWD:/logs" -p 127.0.0.1:8050:8050 logreport serve --host 0.0.0.0 --no-password
FROM python:3.13-slim AS build

# npm brings the page's JavaScript and stays behind; without it the image would work, and make pages four times as large.
RUN apt-get update && apt-get install --yes --no-install-recommends npm
COPY . /source
RUN python /source/javascript/fetch.py && pip wheel --no-cache-dir --no-deps --wheel-dir /wheels /source

FROM python:3.13-slim

# The wheel by its path, with what the dashboard needs: by name, pip would look for logreport in the package index, too.
RUN --mount=from=build,source=/wheels,target=/wheels \
    set -- /wheels/*.whl && pip install --no-cache-dir "$1[serve]" && useradd --create-home --uid 1000 logreport

# Nothing is written beside the code, which belongs to root.
ENV PYTHONDONTWRITEBYTECODE=1

# By number: Kubernetes can see only of a number that it is not root's.
USER 1000
WORKDIR /logs
# The dashboard's port. Whether it is well is asked in docker-compose.yml: the other commands end by themselves.
EXPOSE 8050
ENTRYPOINT ["logreport"]
CMD ["--help"]
