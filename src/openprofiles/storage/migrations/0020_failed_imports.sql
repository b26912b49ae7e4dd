-- The file of an import that failed is kept for a while: which these are is asked each second while there is a file.
create index file_imports_failed on file_imports (started_at) where status = 'FAILED';
