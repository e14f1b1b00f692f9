BEGIN TRANSACTION;
CREATE TABLE associations (
        guid               TEXT PRIMARY KEY,
        resource_name      TEXT NOT NULL,
        resource_namespace TEXT NOT NULL,
        resource_id        TEXT NOT NULL,
        resource_type      TEXT NOT NULL,
        association_type   TEXT NOT NULL,
        subject            TEXT NOT NULL,
        lifecycle          TEXT NOT NULL,
        frozen             INTEGER NOT NULL,
        created_ms         INTEGER NOT NULL,
        updated_ms         INTEGER NOT NULL,
        UNIQUE (resource_name, resource_namespace, resource_type, association_type, subject)
    ) WITHOUT ROWID;
INSERT INTO "associations" VALUES('6f0e1d1c-3c55-4b3f-9d6a-0d1c5b0c9f11','orders','-','id-1','topic','value','orders-value','WEAK',0,1,2);
CREATE TABLE checkpoints (key INTEGER PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE configs (
        subject TEXT PRIMARY KEY,
        config  TEXT NOT NULL
    ) WITHOUT ROWID;
INSERT INTO "configs" VALUES('orders-value','{"compatibility": "FULL"}');
CREATE TABLE contents (
        key        INTEGER PRIMARY KEY AUTOINCREMENT,
        context    TEXT NOT NULL,
        id         INTEGER NOT NULL,
        digest     BLOB NOT NULL,
        semantic   BLOB NOT NULL,
        text       TEXT NOT NULL,
        refs       TEXT,
        metadata   TEXT,
        rule_set   TEXT, schema_type TEXT NOT NULL DEFAULT 'AVRO',
        UNIQUE (context, id)
    );
INSERT INTO "contents" VALUES(1,'.',1,X'7F86AD2F8229F3CDB6707DA01C4CD1D4',X'C8E3FF1754FDDC642B9AC54E0089FA64','{"type":"record","name":"Money","namespace":"shop","fields":[{"name":"cents","type":"long"}]}',NULL,NULL,NULL,'AVRO');
INSERT INTO "contents" VALUES(2,'.',2,X'EBE9EF379FBFD83E392634161ACBCCC4',X'A0660DD071B389F974E59320A19D00B4','{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"string"}]}',NULL,NULL,NULL,'AVRO');
INSERT INTO "contents" VALUES(3,'.',3,X'4DD345C21D8F6E2EB3004F9C35ECFD23',X'2F696EBE73D0EC7A8B02E9609FD0E0DE','{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"string"},{"name":"total","type":"Money"}]}','[["shop.Money", "shop.Money", 1]]','{"tags": {"shop.Order.id": ["PII"]}, "properties": {"owner": "sales"}, "sensitive": ["owner"]}',NULL,'AVRO');
INSERT INTO "contents" VALUES(4,'.',4,X'EF524EA1B91E73173D938ADE36C1DB32',X'EF524EA1B91E73173D938ADE36C1DB32','"int"',NULL,NULL,NULL,'AVRO');
INSERT INTO "contents" VALUES(5,'.sales',1,X'095D71CF12556B9D5E330AD575B3DF5D',X'095D71CF12556B9D5E330AD575B3DF5D','"string"',NULL,NULL,NULL,'AVRO');
CREATE TABLE contexts (
        name    TEXT PRIMARY KEY,
        last_id INTEGER NOT NULL
    ) WITHOUT ROWID;
INSERT INTO "contexts" VALUES('.',4);
INSERT INTO "contexts" VALUES('.sales',1);
CREATE TABLE modes (
        subject TEXT PRIMARY KEY,
        mode    TEXT NOT NULL
    ) WITHOUT ROWID;
INSERT INTO "modes" VALUES('frozen','READONLY');
CREATE TABLE probes (
        key     INTEGER PRIMARY KEY,
        content BLOB NOT NULL
    );
CREATE TABLE spellings (subject TEXT, version INTEGER, key BLOB,
        PRIMARY KEY (subject, version, key)) WITHOUT ROWID;
CREATE TABLE uses (
        subject TEXT NOT NULL,
        version INTEGER NOT NULL,
        content INTEGER NOT NULL REFERENCES contents (key) ON DELETE CASCADE,
        PRIMARY KEY (subject, version, content)
    ) WITHOUT ROWID;
INSERT INTO "uses" VALUES('shop.Money',1,3);
CREATE TABLE versions (
        entry      INTEGER PRIMARY KEY,
        subject    TEXT NOT NULL,
        version    INTEGER NOT NULL,
        context    TEXT NOT NULL,
        name       TEXT NOT NULL,
        content    INTEGER NOT NULL REFERENCES contents (key),
        refers     INTEGER NOT NULL,
        deleted    INTEGER NOT NULL,
        written_ms INTEGER NOT NULL,
        UNIQUE (subject, version)
    );
INSERT INTO "versions" VALUES(1,':.sales:plain',1,'.sales','plain',5,0,0,1700000000000);
INSERT INTO "versions" VALUES(2,'gone',1,'.','gone',4,0,1,1700000000000);
INSERT INTO "versions" VALUES(3,'orders-value',1,'.','orders-value',2,0,0,1700000000000);
INSERT INTO "versions" VALUES(4,'orders-value',2,'.','orders-value',3,1,0,1700000000000);
INSERT INTO "versions" VALUES(5,'shop.Money',1,'.','shop.Money',1,0,0,1700000000000);
CREATE INDEX contents_by_digest ON contents (digest, context);
CREATE INDEX contents_by_semantic ON contents (semantic);
CREATE INDEX versions_by_content ON versions (content, subject, version);
CREATE INDEX versions_that_refer ON versions (subject) WHERE refers;
CREATE INDEX versions_listed ON versions (subject, version, deleted, context, name);
CREATE INDEX uses_by_content ON uses (content);
CREATE INDEX associations_by_subject ON associations (subject);
CREATE INDEX associations_by_resource ON associations (resource_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('contents',5);
COMMIT;
PRAGMA user_version = 4;
PRAGMA application_id = 1397900615;
