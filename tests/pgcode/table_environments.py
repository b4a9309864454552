"""A process with a known table, behind the interface of Gymnasium's vector environments, in any mode of its resets."""

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from pgcode._sampling import cumulative, draw_each, draw_many


class Tables(VectorEnv):
    """Copies of a process with a horizon, which is a time limit: what is not over by then is cut."""

    def __init__(self, mdp, n, mode=AutoresetMode.NEXT_STEP):
        self.mdp, self.num_envs, self.mode = mdp, n, mode
        self.metadata = {"autoreset_mode": mode}
        self.single_observation_space = gymnasium.spaces.Discrete(mdp.n_states)
        self.single_action_space = gymnasium.spaces.Discrete(mdp.n_actions)
        self.observation_space = batch_space(self.single_observation_space, n)
        self.action_space = batch_space(self.single_action_space, n)
        self.sums = cumulative(mdp.initial), cumulative(mdp.transition)

    def reset(self, *, seed=None, options=None):
        if options is None:
            self.rng = np.random.default_rng(seed)
            self.states, self.clock = np.zeros(self.num_envs, int), np.zeros(self.num_envs, int)
            self.over = np.zeros(self.num_envs, bool)
        self._restart(np.ones(self.num_envs, bool) if options is None else options["reset_mask"])
        return self.states.copy(), {}

    def _restart(self, which):
        self.states[which] = draw_many(self.sums[0], int(which.sum()), self.rng)
        self.clock[which] = 0

    def step(self, actions):
        before = self.over.copy() if self.mode == AutoresetMode.NEXT_STEP else np.zeros(self.num_envs, bool)
        after = draw_each(self.sums[1][self.states, actions], self.rng)
        rewards = np.where(before, 0.0, self.mdp.reward[self.states, actions, after])
        self.states, self.clock = after, self.clock + 1
        self._restart(before)
        ended = self.mdp.terminal[self.states] & ~before
        cut = (self.clock >= self.mdp.horizon) & ~ended & ~before
        self.over, infos = ended | cut, {}
        if self.mode == AutoresetMode.SAME_STEP and self.over.any():
            infos["final_obs"] = self.states.copy()
            self._restart(self.over)
        return self.states.copy(), rewards, ended, cut, infos
