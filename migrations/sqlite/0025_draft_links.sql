-- Secret links to drafts. The same numbered step stands in ../postgres/.

-- How often the links to an article were revoked. A link contains this number, so that older links end.
CREATE TABLE draft_links (
    article_id BIGINT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    revoked    BIGINT NOT NULL
);
