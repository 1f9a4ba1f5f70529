"""Online reinforcement learning with Stable-Baselines3, rewarded by what a VLM sees."""
