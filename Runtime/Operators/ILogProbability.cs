using Graph.Execution;

namespace Graph.Operators;

/// <summary>What tells one cross-entropy from another: ln p[label] of a row of v logits, in float64.</summary>
internal interface ILogProbability
{
    static abstract double LogProbability(Ref row, int v, int label);

    /// <summary>The same in a device kernel.</summary>
    static abstract double LogProbability(GpuRef row, int v, int label);
}
