-- Indexes by which lists, counts and deletions stay quick with a million followers and comments. The same numbered step
-- stands in ../sqlite/.

-- Fan-outs look for an unblocked follower at each destination, in the index alone.
DROP INDEX followers_by_destination;
CREATE INDEX followers_by_destination ON followers (local_actor_id, state, destination_id, actor_id);
-- Lists of followers, and counts of those since a time.
CREATE INDEX followers_in_order ON followers (local_actor_id, state, id);
CREATE INDEX followers_by_time ON followers (local_actor_id, state, created_at);

-- The outbox, without what was deleted since.
CREATE INDEX activities_listed ON activities (local_actor_id, id) WHERE public AND kind IN ('Create', 'Announce');
CREATE INDEX activities_deleting ON activities (object_uri) WHERE kind = 'Delete';

-- Tombstones are deleted by age, and looked for by actor.
CREATE INDEX tombstones_by_actor ON tombstones (actor_uri);
CREATE INDEX tombstones_by_time ON tombstones (deleted_at);

-- The deletion of a comment deletes its reactions.
CREATE INDEX reactions_by_comment ON reactions (comment_id) WHERE comment_id IS NOT NULL;
CREATE INDEX withheld_reactions_by_comment ON withheld_reactions (comment_id) WHERE comment_id IS NOT NULL;
-- The list of reactions to an article or comment.
CREATE INDEX reactions_in_order ON reactions (article_id, COALESCE(comment_id, 0), id);

-- Comments since a time.
CREATE INDEX comments_by_time ON comments (state, received_at);

-- An actor is also found by its profile page.
CREATE INDEX remote_actors_by_url ON remote_actors (url) WHERE url IS NOT NULL;
