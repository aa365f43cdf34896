using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

public readonly partial struct StablemaxCrossEntropy
{
    static double ILogProbability.LogProbability(GpuRef row, int v, int label) => GpuMath.Log(S(row[label]) / Sum(row, v));

    private static double Sum(GpuRef row, int v)
    {
        var sum = 0.0;
        for (var k = 0; k < v; k++)
        {
            sum += S(row[k]);
        }

        return sum;
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
            var inverse = label == LabelLoss.Ignore ? 0.0 : 1 / Sum(row, a.I1);
            for (var k = 0; k < a.I1; k++)
            {
                double l = row[k];
                var s = S(l);
                var slope = l >= 0 ? 1.0 : s * s;
                gradient[k] = label == LabelLoss.Ignore ? 0f : (float)(scale * slope * (inverse - (k == label ? 1 / s : 0.0)));
            }
        }
    }
}
