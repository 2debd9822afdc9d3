-- What goes out with an article, and what the actors last told. The same numbered step stands in ../sqlite/.

-- Which summary an Article has, and where its pictures stand; NULL is the site's choice.
ALTER TABLE articles ADD COLUMN federate_summary TEXT CHECK (federate_summary IN ('author', 'excerpt', 'never'));
ALTER TABLE articles ADD COLUMN pictures TEXT CHECK (pictures IN ('inline', 'attached'));

CREATE TRIGGER articles_documents_updated AFTER UPDATE OF federate_summary, pictures ON articles
FOR EACH ROW EXECUTE FUNCTION log_article_change();

-- The hash of what an actor's owner decides, as followers were last told; NULL where this version has not
-- compared yet. It takes the place of a setting that had the hash of a whole document.
ALTER TABLE local_actors ADD COLUMN told_hash TEXT;
DELETE FROM settings WHERE name = 'site_actor_told';
