import time

from api.models import Health
from geo.store.cluster import Cluster

POINT = "/api/v1/locate?lon=104.2802048&lat=30.1859716&crs=cgcs2000"


def test_a_healthy_service_names_its_edition_and_versions(served, city_url):
    with served(city_url) as client:
        answer = client.get("/health")
    assert answer.status_code == 200
    Health.model_validate(answer.json())
    assert answer.json()["edition"] == 9


def test_a_database_without_our_tables_is_not_healthy(served, cluster):
    with served(cluster.url("owner")) as client:
        answer = client.get("/health")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:gridwarden:problem:schema-differs")


def test_a_dead_database_is_said_and_the_service_recovers_alone(served, tmp_path):
    home = tmp_path / "home"
    server = Cluster(home, durable=False)
    server.create()
    server.start()
    try:
        with served(server.url("app")) as client:
            assert client.get("/health").json()["type"] == "urn:gridwarden:problem:schema-differs"
            server.stop()
            for path in ("/health", POINT, "/"):
                answer = client.get(path)
                assert (answer.status_code, answer.json()["type"]) == (
                    503,
                    "urn:gridwarden:problem:database-unreachable",
                )
                assert str(server.socket) not in answer.text
            server.start()
            assert client.get("/health").json()["type"] == "urn:gridwarden:problem:schema-differs"
    finally:
        server.stop()


def test_sessions_that_are_cut_off_are_replaced(served, clone, cluster, city_template):
    import psycopg

    with clone(city_template) as name, served(cluster.url("app", name)) as client:
        assert client.get(POINT).status_code == 200
        with psycopg.connect(cluster.url("admin", "postgres"), autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        time.sleep(0.1)
        assert client.get(POINT).status_code == 200
