"""Wrong parts, each with the law that must find it, and right ones that are not ours."""
