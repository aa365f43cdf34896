using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

public readonly partial struct SoftmaxCrossEntropy
{
    static double ILogProbability.LogProbability(GpuRef row, int v, int label) => row[label] - LogSum(row, v);

    private static double LogSum(GpuRef row, int v)
    {
        double max = row[LabelLoss.ArgMax(row, v)];
        var sum = 0.0;
        for (var k = 0; k < v; k++)
        {
            sum += GpuMath.Exp(row[k] - max);
        }

        return max + GpuMath.Log(sum);
    }

    private static void BackwardKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var scale = LabelLoss.ScaleOfSample(floats, integers, a);
        for (var i = Group.IdxX; i < a.I0; i += Group.DimX)
        {
            var at = ((long)Grid.IdxX * a.I0) + i;
            var label = integers[a.R1 + at];
            var row = new GpuRef(floats, a.R0 + (at * a.I1));
            var gradient = new GpuRef(floats, a.R3 + (at * a.I1));
            var logSum = LogSum(row, a.I1);
            for (var k = 0; k < a.I1; k++)
            {
                gradient[k] = label == LabelLoss.Ignore ? 0f : (float)(scale * (GpuMath.Exp(row[k] - logSum) - (k == label ? 1.0 : 0.0)));
            }
        }
    }
}
