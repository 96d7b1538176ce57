-- A command in a thread is about the incident of that thread, however long ago it ended.
CREATE INDEX incidents_thread ON incidents (platform, conversation, thread, id) WHERE thread <> '';
