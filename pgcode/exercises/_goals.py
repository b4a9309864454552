"""Which exercises put the goals of a chapter to a situation that the chapter does not show.

The goals are what stands at the head of a chapter below “You will be able to”. A test reads them there: each has at
least one exercise here, in the order of the goals.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["GOALS"]

#: By chapter, for each of its goals the exercises, as ``part.name``.
GOALS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "start/a-policy-that-learns": (
        ("trajectory_form.estimate_from_one_pull",),
        ("trajectory_form.one_update_by_hand",),
        ("practice.surrogate_loss",),
    ),
    "start/both-derivations": (
        ("trajectory_form.gradient_by_listing", "state_action_form.gradient_by_visits"),
        ("state_action_form.entry_by_hand",),
        ("trajectory_form.objective_to_gradient", "trajectory_form.ordered_lines"),
    ),
    "start/your-world": (
        ("setting.array_for_a_story",),
        ("state_action_form.entry_by_hand",),
        ("setting.expected_return", "setting.array_for_a_story"),
    ),
    "setting/decision-processes": (
        ("setting.array_for_a_story",),
        ("setting.discounted_return", "setting.trajectory_probability"),
        ("setting.expected_return", "setting.fair_coin_value", "setting.false_line"),
    ),
    "setting/gradient-ascent": (
        ("setting.gradient_ascent", "setting.worse_arm_slope", "setting.softmax"),
        ("setting.climb_that_rests",),
        ("setting.products_of_a_recursion",),
    ),
    "trajectory-form/likelihood-ratio": (
        ("trajectory_form.estimate_from_one_pull", "trajectory_form.one_update_by_hand"),
        ("trajectory_form.mean_at_the_edge", "trajectory_form.false_line"),
        ("trajectory_form.gradient_by_listing",),
    ),
    "trajectory-form/dynamics-drop-out": (
        ("trajectory_form.trajectory_score", "trajectory_form.world_that_reads_the_policy"),
        ("trajectory_form.softmax_score", "trajectory_form.one_update_by_hand"),
        ("trajectory_form.world_that_reads_the_policy",),
    ),
    "trajectory-form/sample-estimate": (
        ("trajectory_form.estimate_and_error",),
        ("trajectory_form.reinforce_update",),
        ("trajectory_form.importance_ratio", "trajectory_form.reinforce_update"),
    ),
    "trajectory-form/how-far-off": (
        ("trajectory_form.factor_of_the_standard_error", "trajectory_form.walks_needed"),
        ("trajectory_form.error_parts",),
        ("trajectory_form.two_looks", "trajectory_form.bias_statistic"),
    ),
    "state-action-form/values-and-state-distributions": (
        ("state_action_form.state_and_action_values", "setting.expected_return"),
        ("state_action_form.discounted_visitation", "state_action_form.stationary_distribution"),
        ("state_action_form.chain_with_a_long_run", "state_action_form.stationary_mean_of_values"),
    ),
    "state-action-form/the-theorem": (
        ("state_action_form.ordered_lines",),
        ("state_action_form.entry_by_hand",),
        ("state_action_form.true_formula", "state_action_form.gradient_with_a_horizon"),
    ),
    "state-action-form/the-short-derivation": (
        ("state_action_form.dropped_part",),
        ("state_action_form.false_line", "state_action_form.dropped_part"),
        ("state_action_form.check_that_catches",),
    ),
    "state-action-form/from-q-to-samples": (
        ("state_action_form.actor_critic_step",),
        ("state_action_form.variance_of_a_score",),
        ("state_action_form.change_by_an_overrated_state",),
    ),
    "one-gradient/causality": (
        ("one_gradient.ordered_lines",),
        ("one_gradient.reward_to_go_weights", "one_gradient.false_line"),
        ("one_gradient.variance_to_go_less_whole",),
    ),
    "one-gradient/baselines-and-variance": (
        ("one_gradient.factor_of_a_batch_mean", "one_gradient.false_line", "one_gradient.leave_one_out"),
        ("one_gradient.one_step_variance",),
        (
            "one_gradient.best_constant",
            "one_gradient.gae",
            "one_gradient.gradient_estimate",
            "practice.weight_of_a_hard_question",
        ),
    ),
    "one-gradient/discounting": (
        (
            "one_gradient.field_without_power",
            "one_gradient.wait_that_misleads",
            "one_gradient.table_is_uphill",
            "one_gradient.table_guarantee",
        ),
        ("one_gradient.claimed_gain",),
        ("one_gradient.mean_over_steps", "practice.honest_divisor"),
    ),
    "practice/learning-curves": (
        ("practice.runs_of_a_seed",),
        ("practice.curve_to_report",),
        ("practice.seeds_needed",),
    ),
    "practice/from-theorem-to-loss": (
        ("practice.surrogate_loss", "practice.ordered_update"),
        ("practice.surrogate_value", "practice.clipped_ratio_slope"),
        ("practice.entropy_slope", "practice.log_softmax"),
    ),
    "practice/ends-and-cuts": (
        ("practice.target_at_a_cut",),
        ("practice.advantages_with_cuts",),
        ("practice.mean_over_one_walk", "practice.honest_divisor"),
    ),
    "practice/debug-this-reinforce": (
        ("practice.line_that_only_calms",),
        ("practice.cheapest_question",),
        ("practice.curve_to_report",),
    ),
    "practice/audit-your-own": (
        ("practice.exact_mean_of_pairs",),
        ("practice.line_behind_a_verdict",),
        ("practice.advantages_with_cuts", "practice.group_weights", "one_gradient.factor_of_a_batch_mean"),
    ),
    "practice/continuous-actions": (
        ("practice.squashed_log_density", "practice.throttle_estimate", "beyond.gaussian_score"),
        ("state_action_form.variance_of_a_score", "practice.scaled_step"),
        ("practice.pull_of_a_bound",),
    ),
    "practice/language-models": (
        ("practice.recipe_in_three_choices",),
        ("practice.group_weights", "practice.weight_of_a_hard_question", "practice.honest_divisor"),
        ("practice.penalised_rewards",),
    ),
    "beyond/general-spaces": (
        ("beyond.gaussian_score",),
        ("beyond.both_ends_of_the_mass", "beyond.drawn_where_the_edge_moves"),
        ("beyond.steps_to_keep",),
    ),
    "beyond/how-far-to-step": (
        ("beyond.performance_difference",),
        ("beyond.step_in_the_region",),
        ("beyond.where_the_push_ends",),
    ),
    "beyond/off-policy": (
        ("beyond.per_decision_weights", "beyond.walks_that_are_left"),
        ("beyond.visits_after_the_data",),
        ("beyond.silent_gradient",),
    ),
}
