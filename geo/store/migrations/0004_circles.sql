-- Streets, circles and what they serve.
SELECT 1;
