using Graph.Execution;
using ILGPU;

namespace Graph.Operators;

public readonly partial struct BinaryCrossEntropy
{
    private static void ForwardOnGpu(GpuQueue gpu, long batch, Ref x, Ref target, Ref loss, int k, int column) =>
        gpu.Launch(
            ForwardKernel,
            GpuGroup.Over(batch),
            GpuGroup.Full,
            new GpuArguments { R0 = GpuQueue.At(x), R1 = GpuQueue.At(target), R2 = GpuQueue.At(loss), R3 = batch, I0 = k, I1 = column });

    private static void ForwardKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var sample = ((long)Grid.IdxX * Group.DimX) + Group.IdxX;
        if (sample < a.R3)
        {
            double l = floats[a.R0 + (sample * a.I0) + a.I1];
            var e = GpuMath.Exp(l < 0 ? l : -l);
            var t = 1 + e;
            var log1p = t == 1 ? e : GpuMath.Log(t) * e / (t - 1);
            floats[a.R2 + sample] = (float)((l < 0 ? 0 : l) - (l * floats[a.R1 + sample]) + log1p);
        }
    }

    private static void BackwardOnGpu(GpuQueue gpu, long batch, Ref x, Ref target, Ref dloss, Ref dx, int k, int column) =>
        gpu.Launch(
            BackwardKernel,
            GpuGroup.Over(batch),
            GpuGroup.Full,
            new GpuArguments { R0 = GpuQueue.At(x), R1 = GpuQueue.At(target), R2 = GpuQueue.At(dloss), R3 = GpuQueue.At(dx), R4 = batch, I0 = k, I1 = column });

    private static void BackwardKernel(ArrayView<float> floats, ArrayView<int> integers, GpuArguments a)
    {
        var sample = ((long)Grid.IdxX * Group.DimX) + Group.IdxX;
        if (sample < a.R4)
        {
            for (var i = 0; i < a.I0; i++)
            {
                floats[a.R3 + (sample * a.I0) + i] = 0;
            }

            // By the exponential of -|l|, which cannot overflow.
            double l = floats[a.R0 + (sample * a.I0) + a.I1];
            var e = GpuMath.Exp(l < 0 ? l : -l);
            var sigmoid = (l < 0 ? e : 1) / (1 + e);
            floats[a.R3 + (sample * a.I0) + a.I1] = (float)(floats[a.R2 + sample] * (sigmoid - floats[a.R1 + sample]));
        }
    }
}
