"""The textured humanoid of VLM-RM's eight tasks."""
