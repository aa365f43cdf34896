using Graph.Execution;

namespace Graph.Training;

/// <summary>Floating-point operations of a supervision step, of one sample: contractions exactly, other operators by their declared cost.</summary>
public static class StepWork
{
    /// <summary>Forward of all turns.</summary>
    public static double Inference(PlanTable plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.WorkEntries.Sum(work => (double)work.Flops * work.Turns);
    }

    /// <summary>The same, with a continue head also for the two passes that its target takes (trm.md 2.3), and twice the forward of the turns that carry gradient.</summary>
    public static double Training(PlanTable plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        int passes = plan.Ports.ContainsKey(ModelPorts.ContinueTargetName) ? 1 + BootstrappedTarget.Passes : 1;
        return (passes * Inference(plan)) + plan.WorkEntries.Sum(work => 2.0 * work.Flops * work.GradientTurns);
    }
}
